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
});
