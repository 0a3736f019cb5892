/** Fields of CSV (RFC 4180) for people who open them in a spreadsheet: always quoted, and text that a spreadsheet would run is made text. */
export function csvText(value: string): string {
  return `"${(/^[=+\-@\t\r]/.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`;
}
