/** True when the server at 127.0.0.1:port says that it knows at least one broker: itself, registered and unfenced. */
export function answers(port: number, timeoutMs?: number): Promise<boolean>;

/** A port of 127.0.0.1 that nothing listens on at this moment. */
export function freePort(): Promise<number>;

/** Why nobody can listen at 127.0.0.1:port, by the system's code; undefined: somebody can. */
export function problemOf(port: number): Promise<string | undefined>;
