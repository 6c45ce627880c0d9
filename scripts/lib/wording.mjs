// Wordings that read as if translated, each with what to write instead.
// tests/Extension/words.test.mjs has those of texts that users read in the editor.

/** @typedef {[pattern: RegExp, better: string]} Wording */

/** @type {Wording[]} */
export const ofDocuments = [
  [/\bfor people\b/i, 'shown to users'],
  [/\bwhoever\b/i, 'name the person: the user, a colleague'],
  [/\bhas to be\b/, 'must be'],
  [/\bnothing speaks\b/i, 'all checks passed'],
  [/\bstands (?:in|on|beside|above)\b(?! for)/, 'is in'],
  [/\bany more\b(?! than)/, 'no longer, anymore'],
  [/\bnowhere\b/, "say what isn't there"],
  [/\bpassed over\b/, 'skipped, ignored'],
  [/\bnot looked at\b/, 'skipped, not checked'],
  [/\bcannot be (?:read|used|written|resolved|reached|bound|opened)\b/, "can't be, unreadable"],
  [/\b(?:is|are) told\b/, 'gets an error, is notified'],
  [/\bchooses? itself\b/, 'is selected automatically'],
  [/\bspeaks? against\b/, 'the reason against'],
  [/\bwho has none\b/i, 'if you have none'],
  [/\bmend(?:s|ed|ing)?\b/, 'fix, repair, recover'],
];

/** Also in comments. @type {Wording[]} */
export const everywhere = [
  [/\bwhatever becomes of\b/i, 'even if it fails'],
  [/\b(?:the|this|each|every|a lower|an upper|another) rooms? (?:under|above|below|that|which)\b/, 'project'],
  [/\blower room\b/, 'lower project'],
  [/\bas good as nothing\b/, 'counts as nothing'],
  [/\bin vain\b/, 'without success'],
  [/\bsigned in nowhere\b/, 'not signed in'],
  [/(?<!-)\b(a|an|and|be|by|for|in|is|it|of|or|that|the|to|with) \1\b/, 'a word stands twice'],
];
