import type { Fault } from '#domain';
import type { z } from 'zod';
import { quoteValue } from './text.js';

/** Of what strangers send, as many as a sender can use and a log can bear. */
const MAX_FAULTS = 20;

/**
 * What zod found, as faults by path (`data.quantity`, `credits[0].included`) that name the value as well; the first
 * `most` of them.
 */
export function faultsOf(
  issues: readonly z.core.$ZodIssue[],
  input: unknown,
  most: number = MAX_FAULTS,
): readonly Fault[] {
  return issues.flatMap((issue) => faultsOfIssue(issue, input, issue.path)).slice(0, most);
}

/** All faults in one line. */
export function faultLine(faults: readonly Fault[]): string {
  return faults.map(({ path, message }) => `${path}: ${message}`).join('; ');
}

function faultsOfIssue(
  issue: z.core.$ZodIssue,
  input: unknown,
  path: readonly PropertyKey[],
): readonly Fault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: pathText([...path, key.slice(0, 64)]),
      message: `is not known here, got ${quoteValue(valueAt(input, [...path, key]))}`,
    }));
  }
  if (issue.code === 'invalid_key') {
    const [fault] = issue.issues;
    const message = `its name ${fault?.message ?? 'is not allowed'}, got ${quoteValue(path.at(-1))}`;
    return [{ path: pathText(path), message }];
  }
  const value = valueAt(input, path);
  const message =
    value === undefined && issue.code !== 'custom'
      ? 'is missing'
      : `${wordsOf(issue)}, got ${quoteValue(value)}`;
  return [{ path: pathText(path), message }];
}

/** Texts have a limit in the words of every other one, also where a schema has none of its own. */
function wordsOf(issue: z.core.$ZodIssue): string {
  return issue.code === 'too_big' && issue.origin === 'string' && issue.message.startsWith('Too big')
    ? `must be at most ${issue.maximum} characters`
    : issue.message;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}

/** `plans[0].credits[1].priced`; a name that is no plain word is quoted, the whole is `.`. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else {
      const name = String(step);
      const plain = /^[\w-]{1,128}$/.test(name) ? name : quoteValue(name);
      text += text === '' ? plain : `.${plain}`;
    }
  }
  return text === '' ? '.' : text;
}
