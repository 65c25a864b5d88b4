import { describe, expect, it } from '@jest/globals';
import { DatabaseError } from 'pg';
import { ReadStoreUnavailable, ReadStoreUnusable } from '../port.js';
import { translated, translatedAtOpening } from './errors.js';

function said(code: string): DatabaseError {
  return Object.assign(new DatabaseError(`an error of ${code}`, 0, 'error'), { code });
}

describe('errors of PostgreSQL', () => {
  it.each([
    ['08006', 'the connection is lost'],
    ['53300', 'there are too many connections'],
    ['57P01', 'the server shuts down'],
    ['57P05', 'the session was idle for longer than it may'],
    ['25P04', 'the transaction took longer than it may'],
    ['42P01', 'a table was dropped'],
    ['3F000', 'the schema was dropped'],
    ['57P04', 'the database was dropped under its connections'],
    ['3D000', 'the database was dropped'],
    ['28P01', 'the password is another one now'],
    ['28000', 'the user may no longer log in'],
  ])('pass by themselves: %s, %s', (code) => {
    const error = said(code);
    const translation = translated(error);
    expect(translation).toBeInstanceOf(ReadStoreUnavailable);
    expect(translation).toMatchObject({
      message: `PostgreSQL read store: an error of ${code}`,
      cause: error,
    });
  });

  it.each([
    ['23505', 'a row stands there already'],
    ['42703', 'there is no such column'],
    ['42P02', 'there is no such parameter'],
  ])('stay what they are: %s, %s', (code) => {
    const error = said(code);
    expect(translated(error)).toBe(error);
  });

  it('are a matter of the connection when the server did not say them', () => {
    expect(translated(new Error('read ECONNRESET'))).toBeInstanceOf(ReadStoreUnavailable);
  });

  it.each(['28P01', '28000', '3D000', '42501'])('say that the URL is wrong, at opening: %s', (code) => {
    const opened = translatedAtOpening(translated(said(code)));
    expect(opened).toBeInstanceOf(ReadStoreUnusable);
    expect(opened).toMatchObject({ message: `PostgreSQL read store: an error of ${code}` });
  });

  it.each(['57P03', '53300', '42703'])('say nothing more at opening than later on: %s', (code) => {
    const translation = translated(said(code));
    expect(translatedAtOpening(translation)).toBe(translation);
  });
});
