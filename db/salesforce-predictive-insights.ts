import { type CommonQueryMethods, sql } from 'slonik'
import type { MirrorOwner } from './mirror-rows.ts'
import { row } from './row-type.ts'

/** Something that a rule found. */
export interface NewPredictiveInsight {
  readonly insightType: string
  readonly objectType: string
  readonly objectId: string
  /** Null where it was not computed. */
  readonly confidence: number | null
  /** The evidence, and what to do. */
  readonly prediction: Readonly<Record<string, unknown>>
}

export interface PredictiveInsight extends NewPredictiveInsight {
  readonly id: number
  readonly generatedAt: Date
  readonly validUntil: Date
}

/** `salesforce_predictive_insights`. */
export function createSalesforcePredictiveInsightQueries(connection: CommonQueryMethods) {
  return {
    /** Puts what was found in the place of what is there. To be called in a transaction. */
    async replace(
      owner: MirrorOwner,
      insights: readonly NewPredictiveInsight[],
      validSeconds: number,
    ): Promise<void> {
      await connection.query(sql.type(row<never>())`
        delete from salesforce_predictive_insights where connection_id = ${owner.connectionId}`)
      if (insights.length === 0) return
      await connection.query(sql.type(row<never>())`
        insert into salesforce_predictive_insights (connection_id, workspace_id, user_id, insight_type,
          object_type, object_id, confidence_score, prediction, valid_until)
        select ${owner.connectionId}, ${owner.workspaceId},
          (select user_id from connections where connection_id = ${owner.connectionId}),
          i."insightType", i."objectType", i."objectId", round(i.confidence, 2), i.prediction,
          now() + ${validSeconds} * interval '1 second'
        from jsonb_to_recordset(${JSON.stringify(insights)}::jsonb) as i ("insightType" text,
          "objectType" text, "objectId" text, confidence numeric, prediction jsonb)`)
    },

    /** In the order in which they were found, after an id; of one rule, or all. */
    async list(
      connectionId: string,
      { rule, after, limit }: { rule: string | null; after: number; limit: number },
    ): Promise<readonly PredictiveInsight[]> {
      return connection.any(sql.type(row<PredictiveInsight>())`
        select id, insight_type as "insightType", object_type as "objectType",
          object_id as "objectId", confidence_score::float8 as confidence, prediction,
          generated_at as "generatedAt", valid_until as "validUntil"
        from salesforce_predictive_insights
        where connection_id = ${connectionId} and (${rule}::text is null or insight_type = ${rule})
          and id > ${after} and valid_until > now()
        order by id limit ${limit}`)
    },

    async erase(connectionId: string): Promise<void> {
      await connection.query(sql.type(row<never>())`
        delete from salesforce_predictive_insights where connection_id = ${connectionId}`)
    },
  }
}
