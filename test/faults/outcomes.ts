/** What an operation comes to where something goes wrong: what is shown, what the state holds, and what it means. */

/** What an operation comes to while a trouble lasts. */
export interface Outcome {
    readonly ends: "succeeds" | "succeeds with a warning" | "fails";
    /** What is shown; `{said}` stands for what the operation's request ended with. Nothing where it is absent. */
    readonly says?: string;
    /** What the check has warned of before. */
    readonly warns?: string;
    /** Which keys the state holds then. */
    readonly state:
        | "as the program says"
        | "as before"
        | "the key, with a note that it is waited for"
        | "the key with its old secret, and a note that it needs a new one"
        | "the key with its secret, and the settings that it has";
    /** Whether the server may hold a key besides, which the message names by its id. */
    readonly reports?: boolean;
    /** What is done by whoever sees it, and what it means. */
    readonly meaning: string;
}

const NOT_APPLIED =
    "The API took the update of API key {id}, but `{field}` still has its old value. The API refuses the change in silence: check it in the xAI Console, and run again.";
const KEPT =
    "API key {id} exists and is kept in the stack, with the settings that it has: `pulumi up` goes on with the update.";
const NOT_FOUND_OUT = "Whether API key {id} can be taken over was not found out. {said}";
const LOST = "The key may exist all the same, so the create was not sent again.";

/** Every outcome that there is. */
export const OUTCOMES = {
    done: { ends: "succeeds", state: "as the program says", meaning: "Done, as if nothing had happened." },
    "taken over": {
        ends: "succeeds with a warning",
        says: "The answer to a create in team {team} was lost ({what}). API key {id}, created at {time} with the same settings under the default name, which is this stack's alone, is what it made. It was taken over, with a new secret: the lost one was rotated away.",
        state: "as the program says",
        meaning: "The key that was made is found by its name, settings and time, and gets a new secret.",
    },
    warned: {
        ends: "succeeds with a warning",
        says: "The keys' ACLs were not held against the team's models and endpoints. {said}",
        state: "as before",
        meaning: "The check goes on without the look-up; the API itself still refuses what it does not have.",
    },
    "asked again": {
        ends: "succeeds with a warning",
        says: "The keys' ACLs were not held against the team's models and endpoints. {said}",
        state: "as the program says",
        meaning: "The check goes on without a team; the create asks for it again.",
    },
    fails: {
        ends: "fails",
        says: "{said}",
        state: "as before",
        meaning: "Nothing was done, as the answer says, or a listing where there was none.",
    },
    "fails the check": {
        ends: "fails",
        says: "has a problem: {said}",
        state: "as before",
        meaning: "A preview fails as well: with this management key nothing will work.",
    },
    "not found": {
        ends: "fails",
        says: `{said} ${LOST} No key with this name and these settings has appeared in the team so far: run again. Should one appear later, delete it in the xAI Console.`,
        state: "as before",
        meaning: "The key was looked for, several times, and is not there.",
    },
    reported: {
        ends: "fails",
        says: `{said} ${LOST} API key {id} may be what it made: it has the same name and settings, and was created at about that time. It was not touched, for the program gave the name, so that the key may be someone else's. Look at it in the xAI Console: where nobody uses it, delete it. Then run again.`,
        state: "as before",
        reports: true,
        meaning: "The key is there, and left alone: under a name that the program gave it may be someone else's.",
    },
    "not applied": {
        ends: "fails",
        says: NOT_APPLIED,
        state: "as before",
        meaning: "The answer shows the old value.",
    },
    kept: {
        ends: "fails",
        says: `{said} ${KEPT}`,
        state: "the key with its secret, and the settings that it has",
        meaning: "The key and its secret are there and stay in the stack: what is left is an update.",
    },
    "kept, not applied": {
        ends: "fails",
        says: `${NOT_APPLIED} ${KEPT}`,
        state: "the key with its secret, and the settings that it has",
        meaning: "The same, where the answer shows the old value.",
    },
    "left out": {
        ends: "fails",
        says: "API key {id} is not in the listing of team {team}, but the API knows it: the listing is not complete. Nothing was concluded: run again, and report it where it lasts.",
        state: "as before",
        meaning: "Two listings lack the key, but the API knows its id: it is not gone.",
    },
    waits: {
        ends: "fails",
        says: "API key {id} exists, but after its `propagationTimeout` (default: 5m) it is not known everywhere: the API names no cluster yet. It is kept in the stack; `pulumi up` goes on waiting. Raise that, or set `waitForPropagation: false`. The last check failed: {said}",
        state: "the key, with a note that it is waited for",
        meaning: "What may pass is asked again until `propagationTimeout` is over; the key is kept.",
    },
    stops: {
        ends: "fails",
        says: "{said}",
        state: "the key, with a note that it is waited for",
        meaning: "What does not pass ends the wait at once; the key is kept.",
    },
    "no secret": {
        ends: "fails",
        says: "{said} API key {id} may have a new secret that no answer held: run `pulumi up` again, which rotates once more.",
        state: "the key with its old secret, and a note that it needs a new one",
        meaning: "The old secret works until its overlap ends, if there was a rotation.",
    },
    "no rotation": {
        ends: "fails",
        says: "API key {id} is due for a new secret, but this server has no rotation ({what}). Make the key anew, with the URN that `pulumi stack --show-urns` shows: `pulumi up --replace '<urn>'`. Or take `rotation` out of the program.",
        state: "as before",
        meaning: "The key is there, so that it is the route that is not.",
    },
    "looked for again": {
        ends: "succeeds with a warning",
        says: NOT_FOUND_OUT,
        state: "as the program says",
        meaning: "The check goes on without the listing; the create asks for it again.",
    },
    "not looked for": {
        ends: "fails",
        warns: NOT_FOUND_OUT,
        says: "{said}",
        state: "as before",
        meaning: "The check only warns, so that a preview works; the create takes over nothing that it has not seen.",
    },
    "not listed": {
        ends: "fails",
        says: "has a problem: API key {id} is not in the listing of team {team}, but the API knows it: it belongs to another team, or to a user whose keys this management key is not shown, or the listing is not complete. Give its team as `teamId`, or use a management key of a team admin; where it is this team's, run again.",
        state: "as before",
        meaning:
            "Two listings lack the key, but the API knows its id: nobody says that there is none. A preview fails as well.",
    },
    "not taken over yet": {
        ends: "fails",
        says: "{said} API key {id} may have a new secret that no answer held: run `pulumi up` again, which rotates once more. It is not in the stack yet; the secret that it had goes on working for 24 hours.",
        state: "as before",
        meaning: "Whoever uses the key has its old secret for a day; the next `up` takes it over with another new one.",
    },
    "needs its secret": {
        ends: "fails",
        says: 'API key {id} was not taken over: its secret is not known, and this server cannot give it a new one ({what}). Nothing was changed. Give its secret: `existingSecret: config.requireSecret("…")`.',
        state: "as before",
        meaning: "The key is there, so that it is the route that is not.",
    },
    "no team": {
        ends: "fails",
        says: "`xai:teamId` is not set. This server cannot say which team the management key is for. Set it with `pulumi config set xai:teamId`, or in the environment variable XAI_TEAM_ID.",
        state: "as before",
        meaning: "The server has no such route: the team has to be set.",
    },
} as const satisfies Record<string, Outcome>;

export type OutcomeName = keyof typeof OUTCOMES;
