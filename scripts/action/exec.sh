#!/usr/bin/env bash
# Runs INPUT_RUN, a script for bash, with a tunnel. The other inputs say with which. The script has none of them in its environment.
# Runs in the bash 3.2 of macOS and in Git's bash on Windows, too.
set -euo pipefail

fail() {
  echo "::error title=RDS Tunnel::$1"
  exit 1
}

# With "=", a value that starts with a hyphen is no option.
arguments=(exec)
for input in "name=$INPUT_NAME" "host=$INPUT_HOST" "port=$INPUT_PORT" "target=$INPUT_TARGET" "region=$INPUT_REGION"; do
  if [[ -n ${input#*=} ]]; then arguments+=("--$input"); fi
done

line=0
pattern='^(--[a-z][a-z-]*)((=|[[:space:]]+)(.*))?$'
while read -r option; do
  line=$((line + 1))
  if [[ -z $option ]]; then continue; fi
  if [[ ! $option =~ $pattern ]]; then fail "Line $line of the input \"options\" must be an option of rds-tunnel exec, such as: --login iam"; fi
  if [[ -n ${BASH_REMATCH[2]-} ]]; then arguments+=("${BASH_REMATCH[1]}=${BASH_REMATCH[4]}"); else arguments+=("$option"); fi
done <<<"$INPUT_OPTIONS"

if [[ -z ${INPUT_RUN//[[:space:]]/} ]]; then
  if ((${#arguments[@]} > 1)); then fail 'The input "run" is missing: the script to run with the tunnel.'; fi
  exit 0
fi

# In a file, because everybody on the machine can read arguments.
script=$(mktemp "$RUNNER_TEMP/rds-tunnel-XXXXXX")
shell=$BASH
if [[ $RUNNER_OS == Windows ]]; then
  # Git's bash rewrites arguments that look like paths. Those of rds-tunnel stay as they are; the script's own programs get what they are used to.
  export MSYS2_ARG_CONV_EXCL='*'
  printf 'unset MSYS2_ARG_CONV_EXCL; ' >"$script"
  shell=$(cygpath --windows "$BASH")
fi
printf '%s\n' "$INPUT_RUN" >>"$script"

unset INPUT_RUN INPUT_NAME INPUT_HOST INPUT_PORT INPUT_TARGET INPUT_REGION INPUT_OPTIONS
exec rds-tunnel "${arguments[@]}" -- "$shell" --noprofile --norc -eo pipefail "$script"
