import { describe, expect, it } from '@jest/globals';
import { EventStoreUnusable } from '../errors.js';
import { checkServerVersion } from './server-version.js';

describe('the version of a server', () => {
  it.each(['23.10.0', '23.10.7', '24.2.0', '24.10.14', '25.1.4', '26.0.0', '100.0.0'])(
    '%s will do',
    (version) => {
      expect(() => checkServerVersion(version)).not.toThrow();
    },
  );

  it.each(['unknown', '', 'unknown_version', '0.0.0'])(
    'nothing is known of "%s", so it will do',
    (version) => {
      expect(() => checkServerVersion(version)).not.toThrow();
    },
  );

  it.each(['23.6.0', '22.10.5', '21.10.11', '20.10.0', '5.0.8'])('%s is too old', (version) => {
    expect(() => checkServerVersion(version)).toThrow(EventStoreUnusable);
    expect(() => checkServerVersion(version)).toThrow(`${version}, and 23.10 or later is needed`);
  });
});
