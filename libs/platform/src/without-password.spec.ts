import { describe, expect, it } from '@jest/globals';
import { withoutPassword } from './without-password.js';

describe('a connection string as it is shown', () => {
  it.each([
    ['postgres://u:secret@h:5432/db', 'postgres://u:…@h:5432/db'],
    ['postgres://u:secret@secret@h/db', 'postgres://u:…@h/db'],
    ['postgres://u:secret secret@h/db', 'postgres://u:…@h/db'],
    ['postgres://u:secret/secret?secret#secret@h/db', 'postgres://u:…@h/db'],
    ['postgres://u:s:e@c/r@h/db', 'postgres://u:…@h/db'],
    ['postgres://u@x:secret@h/db', 'postgres://u@x:…@h/db'],
    ['postgres://:secret@h/db', 'postgres://:…@h/db'],
    ['esdb://u:secret@h1:1,h2:2?tls=false', 'esdb://u:…@h1:1,h2:2?tls=false'],
    ['postgres://h/db?user=u&password=secret', 'postgres://h/db?user=u&password=…'],
    ['postgres://h/db?password=sec?ret#secret&user=u', 'postgres://h/db?password=…&user=u'],
    ['postgres://h/db?sslPassword=secret', 'postgres://h/db?sslPassword=…'],
    ['postgres://u:secret@h/db?PASSWORD=secret', 'postgres://u:…@h/db?PASSWORD=…'],
    ['mysql:u:secret@h/db', 'mysql:…@h/db'],
    ['u:secret@h', 'u:…@h'],
  ])('has no password: %s', (url, shown) => {
    expect(withoutPassword(url)).toBe(shown);
  });

  it.each([
    'postgres://u@h:5432/db',
    'postgres://h/db?user=u&application_name=x',
    'esdb+discover://h1:2113,h2:2113?tls=false',
    'sqlite:/data/a:b@c.db',
    'h1:9092,h2:9092',
    '',
  ])('is whole where it has none: %s', (url) => {
    expect(withoutPassword(url)).toBe(url);
  });
});
