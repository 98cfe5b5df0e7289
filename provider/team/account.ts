import { type EndpointAcl, listEndpoints } from "../api/endpoints.js";
import { isMissingRoute, messageOf } from "../api/errors.js";
import { Http } from "../api/http.js";
import { listApiKeys } from "../api/listApiKeys.js";
import { type ManagementKey, teamOf, validateManagementKey } from "../api/managementKeys.js";
import { type ClusterConfig, listModels } from "../api/models.js";
import { UpdateDialect } from "../api/updateApiKey.js";
import { type Aliases, NO_ALIASES, same } from "../fields.js";
import { type Catalogue, catalogueOf, modelNamesOf } from "./catalogue.js";
import { KeyListing, type Listing } from "./keyListing.js";
import { missingTeam, type Settings } from "./settings.js";

/**
 * What one process knows of a management key and its teams: the settings, the connection, and answers of the API that
 * several operations share. One for each configuration.
 */
export class Account {
    readonly http: Http;
    /** How this server takes updates, as far as an update has shown it. */
    readonly dialect = new UpdateDialect();
    readonly #listings = new Map<string, KeyListing>();
    readonly #answers = new Map<string, Promise<unknown>>();

    /** @param warn - Shows a warning to whoever runs Pulumi. */
    constructor(
        readonly settings: Settings,
        private readonly warn: (message: string) => void,
    ) {
        this.http = new Http({ ...settings, warn });
    }

    /** The server's time, in milliseconds since 1970: a lower bound from its answers; this machine's before the first one. */
    now(): number {
        return this.serverTime() ?? Date.now();
    }

    /** The same. Before the first answer it asks for the team's keys, so that an instant does not come from this machine's clock. */
    async askedNow(teamId: string): Promise<number> {
        if (this.serverTime() === undefined) {
            await this.listing(teamId)
                .get()
                .catch(() => undefined);
        }
        return this.now();
    }

    /** A lower bound of the server's time, in milliseconds since 1970; `undefined` before any answer told it. */
    serverTime(): number | undefined {
        return this.http.clock.earliest(performance.now());
    }

    /** The team that the settings name; `undefined` where only the API can tell. */
    get namedTeam(): string | undefined {
        return this.settings.configuredTeamId ?? this.settings.environmentTeamId;
    }

    /**
     * The team for a key that names none: configuration, environment, or what the API says of the management key.
     *
     * @throws XaiError where none of them knows; what the API answers where it cannot be asked.
     */
    async team(): Promise<string> {
        if (this.namedTeam !== undefined) {
            return this.namedTeam;
        }
        const managementKey = await this.managementKey();
        const team = managementKey === undefined ? undefined : teamOf(managementKey);
        if (team === undefined) {
            throw missingTeam(
                managementKey === undefined
                    ? "This server cannot say which team the management key is for."
                    : "The management key is not for one team alone.",
            );
        }
        return team;
    }

    /** What the API says of the management key; `undefined` where this server cannot say. A failure is not kept. */
    managementKey(): Promise<ManagementKey | undefined> {
        return this.#once("management key", false, async () => {
            try {
                return await validateManagementKey(this.http);
            } catch (error) {
                if (isMissingRoute(error)) {
                    return undefined;
                }
                throw error;
            }
        });
    }

    /** The shared listing of a team's keys. */
    listing(teamId: string): KeyListing {
        const listing = this.#listings.get(teamId) ?? new KeyListing(() => listApiKeys(this.http, teamId));
        this.#listings.set(teamId, listing);
        return listing;
    }

    /** The team's keys before this process created any; `undefined` where the listing failed. */
    keysBefore(teamId: string): Promise<Listing | undefined> {
        return this.#once(`keys before ${teamId}`, true, () =>
            this.listing(teamId)
                .get()
                .catch(() => undefined),
        );
    }

    /** The team's models, cluster by cluster. One request a process, whose failure is shared. */
    models(teamId: string): Promise<readonly ClusterConfig[]> {
        return this.#once(`models ${teamId}`, true, () => listModels(this.http, teamId));
    }

    /** The endpoint permissions of the team's keys. One request a process, whose failure is shared. */
    endpoints(teamId: string): Promise<readonly EndpointAcl[]> {
        return this.#once(`endpoints ${teamId}`, true, () => listEndpoints(this.http, teamId));
    }

    /** What the team's keys can be allowed. */
    async catalogue(teamId: string): Promise<Catalogue> {
        const [models, endpoints] = await Promise.all([this.models(teamId), this.endpoints(teamId)]);
        return catalogueOf(models, endpoints);
    }

    /**
     * The names and aliases of the team's models, looked up only where two lists of permissions differ.
     *
     * @param mode - Where the API cannot be asked: `strict` takes no two names for one model, `lenient` takes any two.
     */
    async aliasesFor(
        teamId: string,
        a?: unknown,
        b?: unknown,
        mode: "strict" | "lenient" = "strict",
    ): Promise<Aliases> {
        if (b === null || (a !== undefined && same("acls", a, b))) {
            return NO_ALIASES;
        }
        return this.models(teamId).then(modelNamesOf, (error: unknown) => {
            if (mode === "strict") {
                return NO_ALIASES;
            }
            this.warn(
                `Could not check whether the API holds permissions for other models than the program gives. ${messageOf(error)}`,
            );
            return "unknown";
        });
    }

    #once<T>(question: string, keepsFailure: boolean, ask: () => Promise<T>): Promise<T> {
        // Only this method writes the map, and a question stands for one kind of answer.
        const known = this.#answers.get(question) as Promise<T> | undefined;
        if (known !== undefined) {
            return known;
        }
        const answer = ask();
        this.#answers.set(question, answer);
        answer.catch(() => keepsFailure || this.#answers.delete(question));
        return answer;
    }
}
