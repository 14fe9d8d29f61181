import type { DuplicateMatch } from '../values/row-error.ts'

/**
 * What REST answers beside code and message where a duplicate rule objects. The misspelt name is that
 * of real orgs, which clients read the id of the other record from.
 */
export function duplicateResult(match: DuplicateMatch, version: number): object {
  const { object, id, rule } = match
  return {
    duplicateResut: {
      allowSave: match.allowSave,
      duplicateRule: rule,
      duplicateRuleEntityType: object,
      errorMessage: match.message,
      matchResults: [
        {
          entityType: object,
          errors: [],
          matchEngine: 'ExactMatchEngine',
          matchRecords: [
            {
              additionalInformation: [],
              fieldDiffs: [],
              matchConfidence: 100,
              record: {
                attributes: {
                  type: object,
                  url: `/services/data/v${version}.0/sobjects/${object}/${id}`,
                },
                Id: id,
              },
            },
          ],
          rule,
          size: 1,
          success: true,
        },
      ],
    },
  }
}
