import { describe, expect, it } from '@jest/globals';
import { EVENT_ID_NAMESPACE, eventIdOf, uuidBytes, uuidV5 } from './event-id.js';

const DNS = uuidBytes('6ba7b810-9dad-11d1-80b4-00c04fd430c8');
const URL = uuidBytes('6ba7b811-9dad-11d1-80b4-00c04fd430c8');

describe('a UUID of version 5', () => {
  it.each([
    // RFC 9562, appendix A.4
    [DNS, 'www.example.com', '2ed6657d-e927-568b-95e1-2665a8aea6a2'],
    [DNS, 'python.org', '886313e1-3b8a-5372-9b90-0c9aee199e5d'],
    [URL, 'http://www.example.com/', 'fcde3c85-2270-590f-9e7c-ee003d65e0e2'],
    [DNS, '', '4ebd0208-8328-5d69-8c44-ec50939c0967'],
    [DNS, 'žluťoučký', 'c99ae8fb-728d-52c7-8cdc-3a5315ef9af7'],
  ])('is what the standard says of %#: %s', (namespace, name, uuid) => {
    expect(uuidV5(namespace, name)).toBe(uuid);
  });

  it('always has the version and variant of its kind', () => {
    for (let index = 0; index < 500; index++) {
      expect(uuidV5(DNS, String(index))).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
    }
  });
});

describe('the id of an event', () => {
  it('is in a namespace that is itself a name', () => {
    expect(uuidV5(DNS, 'events.purser.v1')).toBe(EVENT_ID_NAMESPACE);
  });

  it('is the same for the same hash only', () => {
    expect(eventIdOf('0'.repeat(64))).toBe(eventIdOf('0'.repeat(64)));
    expect(eventIdOf('0'.repeat(64))).not.toBe(eventIdOf(`${'0'.repeat(63)}1`));
  });

  it('is the UUID of the hash in that namespace', () => {
    for (const hash of ['0'.repeat(64), '0123456789abcdef'.repeat(4), 'abc', '']) {
      expect(eventIdOf(hash)).toBe(uuidV5(uuidBytes(EVENT_ID_NAMESPACE), hash));
    }
  });

  it('needs a namespace of 16 bytes', () => {
    expect(() => uuidBytes('6ba7b810')).toThrow('not a UUID: "6ba7b810"');
  });
});
