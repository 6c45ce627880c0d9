// Secrets that look like the real ones, each for one place, and what finds any part of them in a text.
import { createHash } from 'node:crypto';

/** So much of a secret is a leak: nothing else in a text has that in common with one. */
const partLength = 12;

export class Marks {
  /** @type {Map<string, string>} the secret of each name */
  #secrets = new Map();
  /** @type {Map<string, Set<string>>} the names for each part of a secret, in lower case */
  #parts = new Map();
  /** @type {Map<string, string>} what else a server knows that is shown a secret */
  #known = new Map();
  /** @type {Set<string>} names of secrets that somebody has seen or given out */
  #used = new Set();

  /** An access key's secret, a password: 40 characters. @param {string} name */
  key(name) {
    return this.#add(name, this.#random(name, 40));
  }

  /** A token: longer than any text that is quoted. @param {string} name */
  token(name) {
    return this.#add(name, this.#random(name, 600));
  }

  /** What nobody can tell from an ordinary word by its looks. @param {string} name */
  word(name) {
    return this.#add(
      name,
      `m4rked${[...createHash('sha256').update(name).digest()]
        .slice(0, 12)
        .map(byte => String.fromCharCode(97 + (byte % 26)))
        .join('')}`,
    );
  }

  /** A JSON web token. @param {string} name */
  jwt(name) {
    return `eyJhbGciOiJSUzI1NiJ9.${this.#add(name, `${this.#random(name, 300).replace(/[+/]/g, '-')}.${this.#random(`${name} signature`, 60).replace(/[+/]/g, '_')}`)}`;
  }

  /** AWS knows the secret of whose token it sees, though it never goes over the wire. @param {string} shown @param {string} known */
  link(shown, known) {
    this.#known.set(shown, known);
  }

  /** Another form in which a secret goes over the wire, or stands in a file. @param {string} name @param {string} text */
  alias(name, text) {
    this.#index(name, text);
    return text;
  }

  /** What of the secrets is in a text, in any case, whether JSON or a URL has escaped it. @param {string} text @returns {string[]} names */
  in(text) {
    const plain = unescape(text).toLowerCase();
    /** @type {Set<string>} */
    const found = new Set();
    for (let i = 0; i + partLength <= plain.length; i++) {
      for (const name of this.#parts.get(plain.slice(i, i + partLength)) ?? []) found.add(name);
    }
    return [...found];
  }

  /** Somebody has seen a text, or has given it out. @param {string} text @returns {string[]} the secrets that are in it */
  see(text) {
    const names = this.in(text).flatMap(name => [name, this.#known.get(name) ?? name]);
    for (const name of names) this.#used.add(name);
    return [...new Set(names)].map(name => this.#secrets.get(name) ?? '');
  }

  /** The names of the secrets that nobody has ever seen. */
  get unused() {
    return [...this.#secrets.keys()].filter(name => !this.#used.has(name));
  }

  get count() {
    return this.#secrets.size;
  }

  /** @param {string} name @param {string} secret */
  #add(name, secret) {
    const known = this.#secrets.get(name);
    if (known !== undefined) return known;
    this.#secrets.set(name, secret);
    this.#index(name, secret);
    return secret;
  }

  /** @param {string} name @param {string} text */
  #index(name, text) {
    const plain = text.toLowerCase();
    for (let i = 0; i + partLength <= plain.length; i++) {
      const part = plain.slice(i, i + partLength);
      this.#parts.set(part, (this.#parts.get(part) ?? new Set()).add(name));
    }
  }

  /** @param {string} seed @param {number} length */
  #random(seed, length) {
    let text = '';
    for (let i = 0; text.length < length; i++) text += createHash('sha512').update(`${seed} ${i}`).digest('base64').replace(/=+$/, '');
    return `A1b${text.slice(0, length - 3)}`;
  }
}

/** @param {string} text */
function unescape(text) {
  const json = text
    .replace(/\\u([0-9a-fA-F]{4})/g, (_, /** @type {string} */ code) => String.fromCharCode(parseInt(code, 16)))
    .replaceAll('\\/', '/');
  return /%[0-9a-fA-F]{2}/.test(json)
    ? `${json}\n${json.replace(/%([0-9a-fA-F]{2})/g, (_, /** @type {string} */ code) => String.fromCharCode(parseInt(code, 16)))}`
    : json;
}
