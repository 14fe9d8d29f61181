import { runBulkBenchmark } from './bulk/run-bulk-benchmark.ts'
import { runSimulatorBenchmark } from './simulator/run-simulator-benchmark.ts'

const USAGE = `npm run bench -- bulk [options]

  --rows 10000,100000,1000000  sizes, in rows
  --repeat 1                   runs of each size
  --keys default               with | without | both: whether jobs name a correlation field;
                               default: with, and at 100,000 rows also without
  --upstream-rate none         ceiling of one upstream job's speed, in rows a second
  --save                       writes the report to bench/results/
  --keep                       leaves databases and logs where they are, and says where
  --profile <folder>           CPU profiles of all Node processes, written at their end

npm run bench -- simulator`

const [name, ...args] = process.argv.slice(2)
switch (name) {
  case 'bulk':
    process.exitCode = await runBulkBenchmark(args, USAGE)
    break
  case 'simulator':
    process.exitCode = await runSimulatorBenchmark()
    break
  default:
    process.stderr.write(`${USAGE}\n`)
    process.exitCode = 2
}
