import { runAnalyticsBenchmark } from './analytics/run-analytics-benchmark.ts'
import { runBulkBenchmark } from './bulk/run-bulk-benchmark.ts'
import { runMirrorBenchmark } from './mirror/run-mirror-benchmark.ts'
import { runSimulatorBenchmark } from './simulator/run-simulator-benchmark.ts'
import { runWebhookBenchmark } from './webhooks/run-webhook-benchmark.ts'

const USAGE = `npm run bench -- analytics [options]

  --rows 200000                opportunities in the mirror
  --requests 200               of each kind of answer
  --keep                       leaves databases and logs where they are, and says where

npm run bench -- bulk [options]

  --rows 10000,100000,1000000  sizes, in rows
  --repeat 1                   runs of each size
  --keys default               with | without | both: whether jobs name a correlation field;
                               default: with, and at 100,000 rows also without
  --upstream-rate none         ceiling of one upstream job's speed, in rows a second
  --save                       writes the report to bench/results/
  --keep                       leaves databases and logs where they are, and says where
  --profile <folder>           CPU profiles of all Node processes, written at their end

npm run bench -- mirror [options]

  --rows 200000                opportunities of the org
  --keep                       as above

npm run bench -- simulator

npm run bench -- webhooks [options]

  --isolation, --backlog       these instead of acknowledgement, first attempts and throughput
  --only a,b                   acknowledgement, attempts, throughput, isolation, backlog
  --seconds 20                 of one run at a steady rate
  --rates 100,500              webhooks a second whose acknowledgement is measured
  --event-rates 50,200         events a second of the first attempts
  --endpoints 5,500,5000       endpoints of the first attempts
  --events 10000               backlog of the throughput
  --pending 0,10000,…          deliveries that wait while claims are timed
  --claims 200                 claims that are timed
  --concurrency 10             requests at once of one subscription
  --repeat 1                   runs of throughput and isolation
  --save, --keep, --profile    as above`

const [name, ...args] = process.argv.slice(2)
switch (name) {
  case 'analytics':
    process.exitCode = await runAnalyticsBenchmark(args, USAGE)
    break
  case 'bulk':
    process.exitCode = await runBulkBenchmark(args, USAGE)
    break
  case 'mirror':
    process.exitCode = await runMirrorBenchmark(args, USAGE)
    break
  case 'simulator':
    process.exitCode = await runSimulatorBenchmark()
    break
  case 'webhooks':
    process.exitCode = await runWebhookBenchmark(args, USAGE)
    break
  default:
    process.stderr.write(`${USAGE}\n`)
    process.exitCode = 2
}
