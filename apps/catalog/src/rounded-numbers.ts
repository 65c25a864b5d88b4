import { visit, type Document, type Scalar } from 'yaml';

/**
 * Every number that is an integer when it has been read, and was another number when it was written: a double has some
 * sixteen digits. All other fractions are fractions still, and refused where they must not stand.
 */
export function roundedNumbers(document: Document): readonly Scalar[] {
  const rounded: Scalar[] = [];
  visit(document, {
    Scalar: (_, scalar) => {
      if (isRounded(scalar)) rounded.push(scalar);
    },
  });
  return rounded;
}

function isRounded({ value, source = '' }: Scalar): boolean {
  if (!Number.isSafeInteger(value)) return false;
  const written = /^[-+]?(\d*)\.?(\d*)(?:[eE][-+]?\d+)?$/.exec(source);
  if (!written) return false;
  const [, whole = '', fraction = ''] = written;
  return significant(whole + fraction) !== significant(String(value).replace('-', ''));
}

/** The digits without the zeros around them. */
function significant(digits: string): string {
  return digits.replace(/^0+|0+$/g, '');
}
