import { describe, expect, it } from '@jest/globals';
import { InvalidSettings, readSettings } from './settings.js';

describe('settings', () => {
  it('have a default for everything, and an empty variable counts as unset', () => {
    expect(readSettings({ DATA_DIR: '', STREAMS_OUT: '' })).toMatchObject({
      eventStoreUrl: 'sqlite:./data/events.db',
      readStoreUrl: 'sqlite:./data/read.db',
      kafkaBrokers: undefined,
      streamsOut: true,
      usageTopic: 'usage-events',
    });
  });

  it('take brokers apart, and switch the streams out off', () => {
    expect(readSettings({ KAFKA_BROKERS: 'a:9092, b:9092', STREAMS_OUT: 'off' })).toMatchObject({
      kafkaBrokers: ['a:9092', 'b:9092'],
      streamsOut: false,
    });
  });

  it('name every wrong variable with its value, and no password', () => {
    const wrong = { STREAMS_OUT: 'yes', USAGE_PARTITIONS: '0', READ_STORE_URL: 'mysql://u:secret@h/db' };
    const read = (): unknown => readSettings(wrong);
    expect(read).toThrow(InvalidSettings);
    expect(read).toThrow(/STREAMS_OUT="yes"/);
    expect(read).toThrow(/USAGE_PARTITIONS="0": must lie between 1 and 10000/);
    expect(read).not.toThrow(/secret/);
  });

  it('say which of several brokers is wrong', () => {
    expect(() => readSettings({ KAFKA_BROKERS: 'a:9092, b,c:99999' })).toThrow(
      new InvalidSettings(
        [
          'the environment does not make sense:',
          '  KAFKA_BROKERS="a:9092, b,c:99999": "b" must look like host:port, for example kafka-1:9092',
          '  KAFKA_BROKERS="a:9092, b,c:99999": "c:99999" must have a port of at most 65535',
        ].join('\n'),
      ),
    );
  });

  it('refuse a port that cannot be', () => {
    const read = (): unknown => readSettings({ GRPC_ADDRESS: '127.0.0.1:65536' });
    expect(read).toThrow(/GRPC_ADDRESS="127.0.0.1:65536": must have a port of at most 65535/);
    expect(readSettings({ HTTP_ADDRESS: '[::1]:65535' }).http).toEqual({ host: '::1', port: 65_535 });
  });

  it('refuse brokers at a port that nobody can listen at', () => {
    expect(() => readSettings({ KAFKA_BROKERS: 'a:9092,b:0' })).toThrow(
      /KAFKA_BROKERS="a:9092,b:0": "b:0" must have a port of at least 1/,
    );
    expect(readSettings({ GRPC_ADDRESS: '127.0.0.1:0' }).grpcAddress).toBe('127.0.0.1:0');
  });

  it.each(['.', '..', 'a/b'])('refuse a usage topic that Kafka has no name for: %s', (topic) => {
    expect(() => readSettings({ USAGE_TOPIC: topic })).toThrow(
      `USAGE_TOPIC="${topic}": must be a Kafka topic name`,
    );
  });

  it.each(['sqlite::memory:', 'sqlite:', 'sqlite: :memory: '])('refuse a store without a file: %s', (url) => {
    for (const variable of ['EVENT_STORE_URL', 'READ_STORE_URL']) {
      expect(() => readSettings({ [variable]: url })).toThrow(`${variable}="${url}": must name a file`);
    }
  });

  it('refuse one file for both stores, however it is written', () => {
    expect(() => readSettings({ DATA_DIR: 'd', READ_STORE_URL: 'sqlite:./d//events.db' })).toThrow(
      'EVENT_STORE_URL="sqlite:d/events.db" and READ_STORE_URL="sqlite:./d//events.db": must not be the same file',
    );
  });

  it('refuse a kind of store that there is no adapter for', () => {
    expect(() => readSettings({ EVENT_STORE_URL: 'kurrentdb://h:2113' })).toThrow(
      /must begin with sqlite: or esdb:/,
    );
  });
});
