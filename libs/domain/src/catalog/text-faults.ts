import { characterCount, isLongerThan } from '../characters.js';
import type { Fault } from '../rejection.js';
import { MAX_KEY_LENGTH } from './credit-system.js';

const MAX_NAME_LENGTH = 200;
const MAX_DESCRIPTION_LENGTH = 2000;
const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
/** Control characters, and halves of surrogate pairs, which no UTF-8 can carry. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

/** A key or id: ASCII letters, digits, `.`, `_`, `-`; it becomes part of URLs, table keys and file names. */
export function keyFaults(key: string, path: string): readonly Fault[] {
  if (isLongerThan(key, MAX_KEY_LENGTH)) {
    return [{ path, message: `at most ${MAX_KEY_LENGTH} characters, not ${characterCount(key)}` }];
  }
  if (!KEY.test(key)) {
    return [
      { path, message: `letters, digits, '.', '_' and '-', beginning with a letter or digit: ${show(key)}` },
    ];
  }
  // A wallet is found by its key in a plain record; what every object inherits must not be found there.
  if (key in {}) return [{ path, message: `a reserved word: ${show(key)}` }];
  return [];
}

/** A name that people read: one line, not empty, no spaces around it. */
export function nameFaults(name: string, path: string): readonly Fault[] {
  if (isLongerThan(name, MAX_NAME_LENGTH)) {
    return [{ path, message: `at most ${MAX_NAME_LENGTH} characters, not ${characterCount(name)}` }];
  }
  if (name.trim() === '') return [{ path, message: 'must not be empty' }];
  if (name.trim() !== name) return [{ path, message: `no spaces at the beginning or end: ${show(name)}` }];
  if (UNPRINTABLE.test(name)) return [{ path, message: `no control characters: ${show(name)}` }];
  return [];
}

/** Free text, which may have several lines. */
export function descriptionFaults(description: string | null, path: string): readonly Fault[] {
  if (description === null) return [];
  if (isLongerThan(description, MAX_DESCRIPTION_LENGTH)) {
    const message = `at most ${MAX_DESCRIPTION_LENGTH} characters, not ${characterCount(description)}`;
    return [{ path, message }];
  }
  if (UNPRINTABLE.test(description.replace(/[\n\r\t]/g, ' ')))
    return [{ path, message: 'no control characters' }];
  return [];
}

/** A value as it may stand in an error message: quoted, and never megabytes of it. */
export function show(value: string): string {
  return JSON.stringify(value.length > 64 ? `${value.slice(0, 64)}…` : value);
}
