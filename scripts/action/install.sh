#!/usr/bin/env bash
# Installs the command line of a release for the steps that follow: install.sh <address of the releases>
# Runs in the bash 3.2 of macOS and in Git's bash on Windows, too.
set -euo pipefail

releases=$1
project=$(dirname "${BASH_SOURCE[0]}")/../..

fail() {
  echo "::error title=RDS Tunnel::$1"
  exit 1
}

system=$RUNNER_OS
if [[ $system == Linux && $(ldd --version 2>&1 || true) == *musl* ]]; then system=Alpine; fi
case $system-$RUNNER_ARCH in
  Linux-X64) platform=linux-x64 ;;
  Linux-ARM64) platform=linux-arm64 ;;
  Alpine-X64) platform=alpine-x64 ;;
  macOS-X64) platform=darwin-x64 ;;
  macOS-ARM64) platform=darwin-arm64 ;;
  Windows-X64) platform=win32-x64 ;;
  *) fail "There is no rds-tunnel for $system on $RUNNER_ARCH. Use a runner with Linux (x64, ARM64), Alpine (x64), macOS or Windows (x64)." ;;
esac

# The action of a release installs that release.
version=${INPUT_VERSION:-$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$project/package.json")}
version=${version#v}
pattern='^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$'
if [[ ! $version =~ $pattern ]]; then fail 'The input "version" must be a version such as 0.2.0.'; fi

name=rds-tunnel-$version-$platform
folder=$RUNNER_TEMP/$name
if [[ $platform == win32-* ]]; then
  archive=$name.zip
  program=rds-tunnel.exe
else
  archive=$name.tar.gz
  program=rds-tunnel
fi

download() {
  curl --silent --show-error --fail --location --proto-redir '=https' --retry 3 --connect-timeout 20 --speed-limit 1000 --speed-time 30 \
    --output "$1" "$releases/v$version/$1" || fail "Couldn't download $1 of version $version. Check that this release exists, and that the runner reaches $releases."
}

if [[ ! -e $folder ]]; then
  temporary=$(mktemp -d "$RUNNER_TEMP/rds-tunnel-XXXXXX")
  trap 'cd / && rm -rf "$temporary"' EXIT
  cd "$temporary" # tar would take the D: of a whole path for the name of a machine
  download SHA256SUMS
  download "$archive"

  expected=
  while read -r sum file; do
    if [[ $file == "$archive" ]]; then expected=$sum; fi
  done <SHA256SUMS
  if [[ -z $expected ]]; then fail "SHA256SUMS of version $version has no checksum for $archive. Nothing was installed."; fi
  if command -v sha256sum >/dev/null; then actual=$(sha256sum <"$archive"); else actual=$(shasum -a 256 <"$archive"); fi
  if [[ ${actual%% *} != "$expected" ]]; then fail "The checksum of $archive is wrong. Nothing was installed. Run the job again; if the checksum is still wrong, please report it."; fi

  if [[ $archive == *.zip ]]; then unzip -q "$archive"; else tar -xzof "$archive"; fi
  mv "$name" "$folder"
fi

started=$("$folder/$program" --version) || fail "rds-tunnel $version ($platform) doesn't start on this runner."
echo "Installed rds-tunnel $started ($platform)"
echo "$folder" >>"$GITHUB_PATH"
