import { type ChildProcess, spawn } from 'node:child_process'
import { watchChildren } from '../../dev/stack/child-process.ts'

/**
 * Keeps the process groups whose start and end it reads of, and kills those that are left when its input ends: that it
 * does however the writer ends, also by SIGKILL. Then it removes the folder that it was given.
 */
const SCRIPT = `
alive=' '
folder=
while read -r verb subject; do
  case $verb in
    started) alive="$alive$subject " ;;
    ended) alive="\${alive%%" $subject "*} \${alive#*" $subject "}" ;;
    folder) folder=$subject ;;
  esac
done
for group in $alive; do kill -s KILL -- "-$group" 2>/dev/null; done
if [ -d "$folder" ]; then
  # What else ends with the run may still write.
  sleep 1
  rm -rf "$folder"
fi
`

let guard: ChildProcess | null = null

function tell(line: string): void {
  guard ??= startGuard()
  guard.stdin?.write(`${line}\n`)
}

/**
 * From here on the servers that this process starts end with it. vitest ends its processes by signals, which run no
 * handler of theirs: without this a killed run leaves databases, workers and servers behind.
 */
export function endChildrenWithProcess(): void {
  watchChildren({
    started: (pid) => tell(`started ${pid}`),
    ended: (pid) => tell(`ended ${pid}`),
  })
}

/** The same for one that was spawned otherwise; it must lead a process group (`detached`). */
export function endWithProcess(child: ChildProcess): void {
  if (child.pid === undefined) return
  const { pid } = child
  tell(`started ${pid}`)
  child.once('exit', () => tell(`ended ${pid}`))
}

/** The folder is removed after the last process that this one started. */
export function removeWithProcess(folder: string): void {
  tell(`folder ${folder}`)
}

function startGuard(): ChildProcess {
  // In a session of its own: Ctrl-C goes to all processes of the terminal.
  const started = spawn('/bin/sh', ['-c', SCRIPT], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  // A run without it is a run all the same.
  started.on('error', () => {})
  started.stdin.on('error', () => {})
  started.unref()
  // A pipe of a child is a socket, which keeps the process alive unless told otherwise.
  if ('unref' in started.stdin && typeof started.stdin.unref === 'function') started.stdin.unref()
  return started
}
