import { cpus, release, totalmem } from 'node:os'

/** What it was measured on. */
export function machine(): string {
  const processors = cpus()
  return [
    `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown processor'}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `${process.platform} ${release()}`,
    `Node ${process.versions.node}`,
  ].join(', ')
}

/** A table of Markdown whose columns are lined up for those who read it as text. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, at) =>
    Math.max(3, title.length, ...rows.map((row) => row[at]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, at) => pad(cells[at] ?? '', width, at)).join(' | ')} |`
  const rule = `| ${widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

function pad(text: string, width: number, column: number): string {
  return column === 0 ? text.padEnd(width) : text.padStart(width)
}

export const known = (value: number | null, show: (value: number) => string) =>
  value === null ? 'unknown' : show(value)
export const count = (value: number) => value.toLocaleString('en')
export const seconds = (ms: number) => (ms / 1000).toFixed(2)
export const percent = (share: number) => `${(share * 100).toFixed(0)} %`
