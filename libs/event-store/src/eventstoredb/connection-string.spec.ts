import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EventStoreUnusable } from '../errors.js';
import { openEventStoreDb } from './open.js';

describe('a connection string of EventStoreDB', () => {
  const printed: unknown[] = [];
  beforeEach(() => {
    jest.spyOn(console, 'warn').mockImplementation((...said) => void printed.push(...said));
  });
  afterEach(() => {
    jest.restoreAllMocks();
    printed.length = 0;
  });

  it.each([
    'esdb://h:2113?tls=false',
    'esdb://admin:changeit@h:2113?tls=true',
    'esdb://admin:p%40ss%3Aw%25rd@h1,h2:2113/?tls=false&node_preference=follower',
    'esdb+discover://h?Keep-Alive-Interval=20000&connectionName=a%20b&tlsVerifyCert=true',
    'esdb://u:p@h:2113?tls=false\n',
    ' esdb://u:p@h:2113 ',
    'esdb://u:p@h:2113?tls=false/',
    'esdb://u:p@h1, h2:2113 , h3 ?tls=false& nodePreference = random &connectionName= a b ',
    'esdb://h?keepAliveInterval=2147483647&keepAliveTimeout=2147483647&defaultDeadline=2147483647',
  ])('is taken, and nothing is printed: %s', async (url) => {
    await openEventStoreDb({ url }).close();
    expect(printed).toEqual([]);
  });

  it.each([
    ['esdb://u:s3cret@h:1?tls=false&bogus=1', /there is no option bogus: it is one of tls, /],
    ['esdb://u:s3cret@h:1?tls=maybe', /option tls="maybe" must be true or false$/],
    ['esdb://u:s3cret@h:1?tls', /option "tls" must look like name=value$/],
    ['esdb://u:s3cret@h:1?tlsVerifyCert=false', /tlsVerifyCert="false" has no effect with this client/],
    ['esdb://u:s3cret@h:1?nodePreference=near', /nodePreference="near" must be leader, /],
    ['esdb://u:s3cret@h:1?defaultDeadline=soon', /defaultDeadline="soon" must be a whole number$/],
    [
      'esdb://u:s3cret@h:1?keepAliveInterval=2147483648',
      /keepAliveInterval="2147483648" must be at most 2147483647$/,
    ],
    ['esdb://u:s3cret@h:1?connectionName=a@b', /: an @ in an option is written %40$/],
    ['esdb://h:1?connectionName=s3cret@b', /must look like esdb:.*%40 for @.*in an option/],
    ['esdb://u:1?connectionName=s3cret@h', /must look like esdb:.*escaped/],
    ['esdb://u:s3cret s3cret', /must look like esdb:.*escaped/],
    ['esdb://u:s3cret s3cret@h:1', /must look like esdb:.*escaped/],
    ['esdb://u:s3cret@h:1?connectionName=a%zz', /connectionName="a%zz" has a % that escapes nothing$/],
    ['esdb://u:s3cret@h:99999', /host "h:99999" must have a port from 1 to 65535$/],
    ['esdb://u:s3cret@h:0', /host "h:0" must have a port from 1 to 65535$/],
    ['esdb://u:s3cret@h1:2113,h2:x', /host "h2:x" must look like host:port$/],
    ['esdb://u:s3cret%zz@h:1', /the name or password has a % that escapes nothing/],
    ['esdb://u:s3cret@s3cret@h:1', /must look like esdb:.*escaped/],
    ['esdb://u:s3cret/s3cret@h:1', /must look like esdb:.*escaped/],
    ['esdb://u:1?s3cret@h:1', /must look like esdb:.*escaped/],
    ['kurrentdb://u:s3cret@h:1', /must look like esdb:/],
    ['esdb://u:s3cret@h:1?tlsCAFile=/no/such/ca.pem', /Failed to load certificate file/],
    ['esdb://u:s3cret@h:1?defaultDeadline=-1', /Invalid defaultDeadline "-1"/],
    ['esdb://u:s3cret@h;:1', /cannot be read: expected \?key=value$/],
  ])('is refused for what is wrong, and its password stays secret: %s', (url, problem) => {
    const thrown = (() => {
      try {
        openEventStoreDb({ url });
        return undefined;
      } catch (error) {
        return error;
      }
    })();
    expect(thrown).toBeInstanceOf(EventStoreUnusable);
    expect(thrown).toMatchObject({ message: expect.stringMatching(problem) });
    expect([thrown, ...printed].map((shown) => inspect(shown, { depth: 9 })).join()).not.toMatch(/s3cret/);
  });
});
