import {
  accessSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EventStoreUnusable } from '#event-store';
import { ReadStoreUnusable } from '#read-store';
import { checkFile } from './check-file.js';
import { openEventStore } from './open-event-store.js';
import { openReadStore } from './open-read-store.js';

describe('the file of a store', () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'purser-file-')));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** The tests may run as root, who may do everything. */
  const forbidden =
    (code: string, place: string): typeof accessSync =>
    (path, mode) => {
      if (path === place) throw Object.assign(new Error(`${code}: ${place}`), { code });
      accessSync(path, mode);
    };
  const check = (path: string, access = accessSync): void => {
    checkFile({ path, readonly: false, Unusable: ReadStoreUnusable }, access);
  };

  it('may be there or not', () => {
    check(join(folder, 'read.db'));
    writeFileSync(join(folder, 'read.db'), '');
    check(join(folder, 'read.db'));
  });

  it.each(['EACCES', 'EROFS'])('cannot be in a folder that may not be written to: %s', (code) => {
    const path = join(folder, 'read.db');
    expect(() => check(path, forbidden(code, folder))).toThrow(
      `the folder of ${path} may not be written to: ${code}: ${folder}`,
    );
  });

  it.each(['', '-wal', '-shm'])('cannot be one that another user left: read.db%s', (beside) => {
    const path = join(folder, 'read.db');
    expect(() => check(path, forbidden('EACCES', `${path}${beside}`))).toThrow(
      `${path}${beside} may not be written to: EACCES`,
    );
  });

  it('is looked at where a link leads to', () => {
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'data', 'read.db'), '');
    const link = join(folder, 'link.db');
    symlinkSync(join(folder, 'data', 'read.db'), link);
    expect(() => check(link, forbidden('EACCES', join(folder, 'data')))).toThrow(/the folder of .*link\.db/);
  });

  it('is left to SQLite where what is wrong may pass', () => {
    check(join(folder, 'read.db'), forbidden('EIO', folder));
  });

  it('is no folder, whoever opens it', async () => {
    for (const readonly of [false, true]) {
      const url = `sqlite:${folder}`;
      expect(() => openEventStore(url, { readonly })).toThrow(
        new EventStoreUnusable(`${folder} is a folder, not a file`),
      );
      await expect(openReadStore(url, { readonly })).rejects.toThrow(
        new ReadStoreUnusable(`${folder} is a folder, not a file`),
      );
    }
  });
});
