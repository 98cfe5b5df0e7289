/**
 * What a program's class gives as `teamId`, marked as a secret, where the program gives none and `xai:teamId` is a secret: the
 * check puts the provider's own team in its place, which the engine then keeps a secret. What a provider fills in by itself
 * would stand in the state in the clear, and the program cannot know the team of the provider that its resource gets.
 */
export const CONFIGURED_TEAM = "__configuredTeam";

/** What a program gave, without the stand-in for a team. */
export function withoutConfiguredTeam(given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const { teamId, ...rest } = given;
    return teamId === CONFIGURED_TEAM ? rest : given;
}
