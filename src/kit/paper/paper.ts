/**
 * A report on paper: A4 pages as PDF with a title, paragraphs, figures and a table whose head comes again on each page. The same content is
 * the same bytes: the only time in it is the one that is given. Fonts come as files, several for one face where a typeface is cut by
 * script, and each letter is taken from the first that has it. PDF itself is pdfkit's.
 */
import PDFDocument from 'pdfkit';

declare global {
  namespace PDFKit {
    interface PDFDocument {
      /** The present font as its reader knows it: pdfkit has no other way to ask whether a letter is in it. */
      readonly _font: { readonly font: { hasGlyphForCodePoint(code: number): boolean } };
    }
  }
}

export interface Face { readonly regular: readonly Uint8Array[]; readonly bold: readonly Uint8Array[] }

export interface PaperOptions {
  readonly fonts: Face;
  readonly title: string;
  readonly author: string;
  /** Language of the text, for whoever reads it aloud. */
  readonly language: string;
  /** ISO 8601; the time that the file carries. */
  readonly at: string;
  /** At the foot of each page, before its number. */
  readonly foot: string;
}

export interface PaperColumn { readonly head: string; readonly width: number; readonly right?: boolean }

type Weight = 'regular' | 'bold';
interface Cut { readonly name: string; has(code: number): boolean }

const page = { margin: 48, width: 595.28, height: 841.89 } as const;
const inner = page.width - 2 * page.margin;
const floor = page.height - page.margin - 24;
const ink = '#14191b';
const faint = '#5e6a70';
const rule = '#dfe4e5';

export class Paper {
  private readonly doc: PDFKit.PDFDocument;
  private readonly chunks: Buffer[] = [];
  private readonly cuts: Record<Weight, Cut[]>;
  private readonly options: PaperOptions;
  private y: number = page.margin;

  constructor(options: PaperOptions) {
    this.options = options;
    const at = new Date(options.at);
    this.doc = new PDFDocument({
      size: 'A4', margin: 0, bufferPages: true, lang: options.language, displayTitle: true, pdfVersion: '1.7', tagged: true,
      info: { Title: options.title, Author: options.author, Creator: 'Entente', Producer: 'Entente', CreationDate: at, ModDate: at },
    });
    this.doc.on('data', (chunk: Buffer) => this.chunks.push(chunk));
    this.cuts = { regular: this.register('regular'), bold: this.register('bold') };
  }

  private register(weight: Weight): Cut[] {
    return this.options.fonts[weight].map((bytes, i) => {
      const name = `${weight}${i}`;
      this.doc.registerFont(name, Buffer.from(bytes));
      this.doc.font(name);
      const { font } = this.doc._font;
      return { name, has: (code) => font.hasGlyphForCodePoint(code) };
    });
  }

  /** Pieces of a text by the font that has their letters; what none has is shown as the first font shows what it lacks. */
  private runs(text: string, weight: Weight): { font: string; text: string }[] {
    const out: { font: string; text: string }[] = [];
    const cuts = this.cuts[weight];
    for (const letter of text.normalize('NFC')) {
      const code = letter.codePointAt(0) ?? 32;
      const last = out.at(-1);
      // A blank stays with what it follows.
      const stays = last !== undefined && cuts.find((cut) => cut.name === last.font)?.has(code);
      const font = stays ? last.font : (cuts.find((cut) => cut.has(code)) ?? cuts[0])?.name ?? '';
      if (last?.font === font) last.text += letter;
      else out.push({ font, text: letter });
    }
    return out;
  }

  private widthOf(text: string, weight: Weight, size: number): number {
    return this.runs(text, weight).reduce((sum, run) => sum + this.doc.font(run.font).fontSize(size).widthOfString(run.text), 0);
  }

  /** One line at a place. */
  private write(text: string, at: { x: number; y: number; weight?: Weight; size: number; colour?: string }): void {
    let { x } = at;
    for (const run of this.runs(text, at.weight ?? 'regular')) {
      this.doc.font(run.font).fontSize(at.size).fillColor(at.colour ?? ink);
      // From the baseline: cuts of one typeface may differ in their heights.
      this.doc.text(run.text, x, at.y + at.size, { lineBreak: false, baseline: 'alphabetic' });
      x += this.doc.widthOfString(run.text);
    }
  }

  private lines(text: string, weight: Weight, size: number, width: number): string[] {
    const out: string[] = [];
    for (const paragraph of text.split('\n')) {
      let line = '';
      for (const word of paragraph.split(' ')) {
        const longer = line === '' ? word : `${line} ${word}`;
        if (line !== '' && this.widthOf(longer, weight, size) > width) {
          out.push(line);
          line = word;
        } else line = longer;
        while (this.widthOf(line, weight, size) > width && line.length > 1) {
          // A word wider than its place is cut.
          let fits = line.length - 1;
          while (fits > 1 && this.widthOf(line.slice(0, fits), weight, size) > width) fits -= 1;
          out.push(line.slice(0, fits));
          line = line.slice(fits);
        }
      }
      out.push(line);
    }
    return out;
  }

  private room(height: number): boolean {
    if (this.y + height <= floor) return false;
    this.doc.addPage();
    this.y = page.margin;
    return true;
  }

  title(text: string, under: string): void {
    for (const line of this.lines(text, 'bold', 20, inner)) {
      this.write(line, { x: page.margin, y: this.y, weight: 'bold', size: 20 });
      this.y += 28;
    }
    this.paragraph(under, true);
    this.y += 8;
  }

  paragraph(text: string, quiet = false): void {
    for (const line of this.lines(text, 'regular', 10, inner)) {
      this.room(15);
      this.write(line, { x: page.margin, y: this.y, size: 10, ...(quiet ? { colour: faint } : {}) });
      this.y += 15;
    }
    this.y += 6;
  }

  /** Numbers side by side, each over its meaning. */
  figures(list: readonly { readonly value: string; readonly label: string }[]): void {
    const width = inner / Math.max(1, list.length);
    const labels = list.map(({ label }) => this.lines(label, 'regular', 9, width - 12));
    const height = 30 + 12 * Math.max(0, ...labels.map((lines) => lines.length));
    this.room(height);
    list.forEach(({ value }, i) => {
      const x = page.margin + i * width;
      this.write(value, { x, y: this.y, weight: 'bold', size: 18 });
      (labels[i] ?? []).forEach((line, n) => this.write(line, { x, y: this.y + 26 + 12 * n, size: 9, colour: faint }));
    });
    this.y += height + 10;
  }

  /** Widths are shares of the page. A row is never torn. */
  table(columns: readonly PaperColumn[], rows: readonly (readonly string[])[]): void {
    const sum = columns.reduce((all, column) => all + column.width, 0);
    const widths = columns.map((column) => (inner * column.width) / sum);
    const cell = (texts: readonly string[], weight: Weight): { lines: string[][]; height: number } => {
      const lines = columns.map((_, i) => this.lines(texts[i] ?? '', weight, 9, (widths[i] ?? 0) - 8));
      return { lines, height: 12 * Math.max(1, ...lines.map((l) => l.length)) + 6 };
    };
    const draw = ({ lines, height }: ReturnType<typeof cell>, weight: Weight): void => {
      let x: number = page.margin;
      columns.forEach((column, i) => {
        const width = widths[i] ?? 0;
        (lines[i] ?? []).forEach((line, n) => {
          const left = column.right ? x + width - 8 - this.widthOf(line, weight, 9) : x;
          this.write(line, { x: left, y: this.y + 3 + 12 * n, weight, size: 9, ...(weight === 'bold' ? { colour: faint } : {}) });
        });
        x += width;
      });
      this.y += height;
      this.doc.moveTo(page.margin, this.y).lineTo(page.width - page.margin, this.y).lineWidth(0.5).strokeColor(rule).stroke();
    };
    const head = cell(columns.map((column) => column.head), 'bold');
    this.room(head.height + 24);
    draw(head, 'bold');
    for (const row of rows) {
      const made = cell(row, 'regular');
      if (this.room(made.height)) draw(head, 'bold');
      draw(made, 'regular');
    }
    this.y += 10;
  }

  /** The file. Nothing is added after it. */
  async end(): Promise<Uint8Array> {
    const { start, count } = this.doc.bufferedPageRange();
    for (let i = 0; i < count; i++) {
      this.doc.switchToPage(start + i);
      const y = page.height - page.margin;
      const number = `${i + 1} / ${count}`;
      const [foot = ''] = this.lines(this.options.foot, 'regular', 8, inner - 60);
      this.write(foot, { x: page.margin, y, size: 8, colour: faint });
      this.write(number, { x: page.width - page.margin - this.widthOf(number, 'regular', 8), y, size: 8, colour: faint });
    }
    const ended = new Promise<void>((resolve) => { this.doc.on('end', resolve); });
    this.doc.end();
    await ended;
    return new Uint8Array(Buffer.concat(this.chunks));
  }
}
