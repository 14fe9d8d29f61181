import type { JudgedCase, JudgedRun } from './judge.ts'

/** The result as a page: a table of figures, then every case that did not simply pass, then all cases. */
export function markdownReport(runs: readonly JudgedRun[], day: string): string {
  const lines = [
    '# Clients that others wrote, against the simulator',
    '',
    `Written by \`npm run conformance -- --save\` on ${day}.`,
    '',
    '| client | passed | cases run | of all | of those without a licence-only feature | explained | unexplained | skipped by their authors |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...runs.map(figures),
    '',
  ]
  for (const run of runs) {
    lines.push(`## ${run.title}`, '')
    const notable = run.cases.filter(({ verdict }) => verdict !== 'passed')
    if (notable.length > 0) {
      lines.push('| case | result | explanation |', '| --- | --- | --- |')
      lines.push(...notable.map(notableLine), '')
    }
    lines.push('| case | result |', '| --- | --- |')
    lines.push(
      ...run.cases.map((result) => `| ${cell(caseTitle(result))} | ${result.outcome} |`),
      '',
    )
  }
  return `${lines.join('\n').trimEnd()}\n`
}

/** The same, short, for a terminal: figures and what did not pass. */
export function terminalReport(runs: readonly JudgedRun[]): string {
  const lines: string[] = []
  for (const run of runs) {
    lines.push('', run.title)
    for (const result of run.cases) {
      switch (result.verdict) {
        case 'passed':
          break
        case 'explained':
          lines.push(`  explained    ${caseTitle(result)}: ${result.difference?.reason ?? ''}`)
          break
        case 'mended':
          lines.push(`  passes now   ${caseTitle(result)}: take it out of the known differences`)
          break
        case 'skipped':
          lines.push(`  skipped      ${caseTitle(result)}: switched off by its authors`)
          break
        case 'unexplained':
          lines.push(`  UNEXPLAINED  ${caseTitle(result)}`, indent(result.detail))
          break
      }
    }
    for (const entry of run.unused) {
      lines.push(
        `  not run      ${entry.suite} › ${entry.case}: a known difference without its case`,
      )
    }
    lines.push(
      `  ${run.passed} of ${run.ran} passed (${percent(run.passed, run.ran)}), ${percent(run.passed, run.unlicensed)} of those that need no licence-only feature`,
    )
  }
  return lines.join('\n')
}

function figures(run: JudgedRun): string {
  const explained = count(run, 'explained')
  const cells = [
    run.title,
    run.passed,
    run.ran,
    percent(run.passed, run.ran),
    percent(run.passed, run.unlicensed),
    explained,
    count(run, 'unexplained'),
    count(run, 'skipped'),
  ]
  return `| ${cells.join(' | ')} |`
}

function count(run: JudgedRun, verdict: JudgedCase['verdict']): number {
  return run.cases.filter((result) => result.verdict === verdict).length
}

function notableLine(result: JudgedCase): string {
  const explanation =
    result.verdict === 'skipped'
      ? 'switched off by its authors'
      : (result.difference?.reason ?? `unexplained: ${result.detail.slice(0, 300)}`)
  const kind = result.difference === null ? '' : ` (${result.difference.kind})`
  return `| ${cell(caseTitle(result))} | ${result.outcome}${kind} | ${cell(explanation)} |`
}

function caseTitle(result: JudgedCase): string {
  return `${result.suite} › ${result.name}`
}

/** A line end or a bar would break the table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ').trim()
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`
}

function indent(text: string): string {
  return text
    .split('\n')
    .slice(0, 12)
    .map((line) => `               ${line}`)
    .join('\n')
}
