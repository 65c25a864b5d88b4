/**
 * A connection string as it may be shown in logs. One that is malformed, or has what should be escaped in its password,
 * must not give it away either: up to the last @ everything after the user's name is taken for the password.
 */
export function withoutPassword(url: string): string {
  return url
    .replace(/(\/\/[^:]*:)[^]*@/, '$1…@')
    .replace(/^(?!sqlite:)([^:/]*:)(?!\/\/)[^]*@/, '$1…@')
    .replace(/([?&][^=&?]*password[^=&?]*=)[^&]*/gi, '$1…');
}
