/**
 * Named places where a crash test stops the process: `name`, `name:2` (second time), and `name=STOP` to
 * freeze it instead of killing it. Several, separated by commas. Null: none.
 */
export function createFailpoint(setting: string | null): (name: string) => Promise<void> {
  if (setting === null) return async () => {}
  const armed = new Map<string, { left: number; signal: 'SIGKILL' | 'SIGSTOP' }>()
  for (const part of setting.split(',')) {
    const match = /^([a-z.-]+)(?::(\d+))?(?:=(KILL|STOP))?$/.exec(part.trim())
    if (!match?.[1]) throw new Error(`CONVEYOR_FAILPOINT has an unreadable part: ${part}`)
    armed.set(match[1], {
      left: Number(match[2] ?? 1),
      signal: match[3] === 'STOP' ? 'SIGSTOP' : 'SIGKILL',
    })
  }
  return async (name) => {
    const point = armed.get(name)
    if (!point) return
    point.left -= 1
    if (point.left > 0) return
    armed.delete(name)
    process.kill(process.pid, point.signal)
    // The signal is delivered at once to this process, yet not always before the next instruction.
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
