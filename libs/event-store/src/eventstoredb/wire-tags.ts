/** The tag of a field whose value is a number. */
export const numberField = (field: number): number => field << 3;

/** The tag of a field whose value is a text, bytes, or a message. */
export const bytesField = (field: number): number => (field << 3) | 2;
