import { describe, expect, it } from '@jest/globals';
import { OUTGOING_TOPICS } from '#adapters';
import { readSettings } from '#platform';

describe('the usage topic', () => {
  it.each(Object.values(OUTGOING_TOPICS))('cannot be one that is published to: %s', (topic) => {
    expect(() => readSettings({ USAGE_TOPIC: topic })).toThrow(
      `USAGE_TOPIC="${topic}": is a topic that Purser itself publishes to`,
    );
  });
});
