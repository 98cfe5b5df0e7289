import { type ListedApiKey, listApiKeys, type UpdateRoute } from "./api/apiKeys.js";
import { listEndpoints } from "./api/endpoints.js";
import { NotFoundError, UnsupportedRouteError } from "./api/errors.js";
import { Http } from "./api/http.js";
import { type ManagementKey, teamOf, validateManagementKey } from "./api/managementKeys.js";
import { listModels } from "./api/models.js";
import type { MaskSpellings } from "./apiKeyDiff.js";
import { type Catalogue, catalogueOf } from "./catalogue.js";
import { CreatesByName } from "./creates.js";
import { KeyClaims } from "./keyClaims.js";
import { KeyListings } from "./keyListing.js";
import { oncePerKey } from "./once.js";
import { OrphanWatch } from "./orphans.js";
import type { Took } from "./propagation.js";
import { missingSetting, SETTINGS, type Settings } from "./settings.js";

/** How long a look-up that only serves a check may take, in milliseconds: a preview must not hang on it. */
export const LOOKUP_DEADLINE = 10_000;

/** How this server takes updates, as far as it was found out. */
export interface UpdateDialect {
    route?: UpdateRoute;
    /** The mask's spelling of each field that has two, where an answer has shown it. */
    spellings: MaskSpellings;
    /** Under way while the first update finds the route; never rejects. */
    discovery?: Promise<void>;
}

/**
 * What the operations of one process share: settings, connection, and what was found out about the server. One session
 * for each configuration.
 */
export class Session {
    readonly http: Http;
    /** Found out with the first update and remembered. */
    readonly updateDialect: UpdateDialect = { spellings: {} };
    /** How long new keys took to be known everywhere, as far as any was waited for. */
    propagationTook: Took | undefined;
    readonly creates = new CreatesByName();
    readonly orphans: OrphanWatch;
    readonly #listings = new Map<string, KeyListings>();
    readonly #keysBefore: (teamId: string) => Promise<ReadonlyMap<string, ListedApiKey> | undefined>;
    readonly #managementKey: (key: "own") => Promise<ManagementKey | undefined>;
    readonly #team: (key: "team") => Promise<string>;
    readonly #teamForCheck: (key: "team") => Promise<string>;
    readonly #catalogue: (teamId: string) => Promise<Catalogue>;
    readonly #said = new Set<string>();

    constructor(
        readonly settings: Settings,
        /** Shows a warning to whoever runs Pulumi. */
        private readonly showWarning: (message: string) => void,
        /** Who holds which key, as far as this process knows. */
        readonly claims: KeyClaims = new KeyClaims(),
    ) {
        this.orphans = new OrphanWatch(claims);
        this.http = new Http({ ...settings, warn: (message) => this.warnOnce(message) });
        this.#managementKey = oncePerKey("successes", () => this.#askWhose());
        this.#team = oncePerKey("successes", () => this.#askForTeam());
        this.#teamForCheck = oncePerKey("everything", () => this.#askForTeam(LOOKUP_DEADLINE));
        this.#catalogue = oncePerKey("everything", async (teamId) => {
            const models = listModels(this.http, teamId, LOOKUP_DEADLINE);
            const endpoints = listEndpoints(this.http, teamId, LOOKUP_DEADLINE);
            // Where both fail it is always the same failure that is told.
            endpoints.catch(() => undefined);
            const clusters = await models;
            return catalogueOf(clusters, (await endpoints).acls);
        });
        this.#keysBefore = oncePerKey("everything", (teamId) =>
            inTime(this.listings(teamId).recent(), LOOKUP_DEADLINE).catch(() => undefined),
        );
    }

    /** A lower bound of the server's time, in milliseconds since 1970; `undefined` before any answer told it. */
    serverTime(): number | undefined {
        return this.http.clock.earliest(performance.now());
    }

    /** The same, or this machine's time where the server's is not known. */
    timeNow(): number {
        return this.serverTime() ?? Date.now();
    }

    /** Shows a warning, and the same one not again in this process. */
    warnOnce(message: string): void {
        if (!this.#said.has(message)) {
            this.#said.add(message);
            this.showWarning(message);
        }
    }

    /** Whose the management key is, asked once a process; `undefined` where this server cannot say. */
    managementKey(): Promise<ManagementKey | undefined> {
        return this.#managementKey("own");
    }

    /**
     * The team for a key that names none: configuration, environment, or what the validation endpoint says.
     *
     * @throws SettingsError where none of them knows; what the API answers where it cannot be asked.
     */
    team(): Promise<string> {
        return this.#team("team");
    }

    /** The same for a check: with a short deadline, and a failure is shared, too. */
    teamForCheck(): Promise<string> {
        return this.#teamForCheck("team");
    }

    /** What the team's keys can be allowed: one look-up a process with a short deadline, whose failure is shared. */
    catalogue(teamId: string): Promise<Catalogue> {
        return this.#catalogue(teamId);
    }

    /** The shared listing of a team's keys. */
    listings(teamId: string): KeyListings {
        let listings = this.#listings.get(teamId);
        if (listings === undefined) {
            listings = new KeyListings(() => listApiKeys(this.http, teamId));
            this.#listings.set(teamId, listings);
        }
        return listings;
    }

    /**
     * The team's keys before this process created any: one shared listing. `undefined` where it failed or took too long,
     * for a create does not depend on it.
     */
    keysBefore(teamId: string): Promise<ReadonlyMap<string, ListedApiKey> | undefined> {
        return this.#keysBefore(teamId);
    }

    async #askForTeam(deadline?: number): Promise<string> {
        const known = this.settings.configuredTeamId ?? this.settings.environmentTeamId;
        if (known !== undefined) {
            return known;
        }
        const managementKey = await (deadline === undefined ? this.managementKey() : this.#askWhose(deadline));
        if (managementKey === undefined) {
            throw missingSetting(SETTINGS.teamId, "This server cannot say which team the management key is for.");
        }
        const team = teamOf(managementKey);
        if (team === undefined) {
            throw missingSetting(SETTINGS.teamId, "The management key is not for one team alone.");
        }
        return team;
    }

    async #askWhose(deadline?: number): Promise<ManagementKey | undefined> {
        try {
            return await validateManagementKey(this.http, deadline);
        } catch (error) {
            if (error instanceof NotFoundError || error instanceof UnsupportedRouteError) {
                return undefined;
            }
            throw error;
        }
    }
}

/** What comes within a time, in milliseconds; `undefined` for what comes later. */
export async function inTime<T>(awaited: Promise<T>, limit: number): Promise<T | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
        timer = setTimeout(() => resolve(undefined), limit);
    });
    try {
        return await Promise.race([awaited, late]);
    } finally {
        clearTimeout(timer);
    }
}
