import type { QueryPlan } from './query-plan.ts'
import type { QueryRunner } from './query-runner.ts'

/** What `explain=` answers: the one way in which this org would find the records. */
export function explainQuery(
  plan: QueryPlan,
  runner: QueryRunner,
  total: number,
  soql: string,
): object {
  const found = plan.kind === 'records' ? runner.numbers(plan).length : total
  const isNarrow = plan.kind === 'records' && found < total
  return {
    plans: [
      {
        cardinality: found,
        fields: [],
        leadingOperationType: 'TableScan',
        notes: isNarrow
          ? []
          : [
              {
                description: 'Not considering filter for optimization because unindexed',
                fields: [],
                tableEnumOrId: plan.object.name,
              },
            ],
        relativeCost: total === 0 ? 0 : found / total,
        sobjectCardinality: total,
        sobjectType: plan.object.name,
      },
    ],
    sourceQuery: soql,
  }
}
