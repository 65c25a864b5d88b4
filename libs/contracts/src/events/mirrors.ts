import type { Amount } from '#domain';

/** The same members with the same types and optionality, whatever is readonly and however it is spelled. */
type Plain<T> = T extends Amount | string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Element)[]
    ? Plain<Element>[]
    : { -readonly [Name in keyof T]: Plain<T[Name]> };

/** Two conditional types over a T not yet known are the same only if A and B are identical. */
/* eslint-disable @typescript-eslint/no-unnecessary-type-parameters -- T is what makes the comparison strict */
type Identical<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/* eslint-enable @typescript-eslint/no-unnecessary-type-parameters */

/** True when two types say exactly the same; an optional member that only one has makes a difference. */
export type Mirrors<A, B> = Identical<Plain<A>, Plain<B>>;
