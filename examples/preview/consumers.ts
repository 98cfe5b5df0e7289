import { z } from "zod";

/** Which properties of a resource come from which other resources, by the resource's URN. */
export type Dependencies = ReadonlyMap<string, Readonly<Record<string, readonly string[]>>>;

/** An update plan, as far as it says what depends on what. The events of a preview do not. */
const planSchema = z.object({
    resourcePlans: z.record(
        z.string(),
        z.object({
            goal: z
                .object({ propertyDependencies: z.record(z.string(), z.array(z.string()).nullable()).nullish() })
                .nullish(),
        }),
    ),
});

/** The dependencies in the text of an update plan. */
export function dependenciesIn(plan: string): Dependencies {
    const { resourcePlans } = planSchema.parse(JSON.parse(plan));
    return new Map(
        Object.entries(resourcePlans).map(([urn, { goal }]) => [
            urn,
            Object.fromEntries(
                Object.entries(goal?.propertyDependencies ?? {}).map(([property, urns]) => [property, urns ?? []]),
            ),
        ]),
    );
}
