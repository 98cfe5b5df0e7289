import { Credential } from "../api/credential.js";
import { XaiError } from "../api/errors.js";
import type { HttpOptions } from "../api/http.js";
import { withoutCredentials } from "../api/words.js";
import { parseDuration } from "../duration.js";

/**
 * The provider's settings: one table, one precedence (stack configuration, then environment, then default), for the
 * provider's process and for the data sources in the program alike.
 */
export interface Settings extends Omit<HttpOptions, "warn"> {
    /** The team from the stack's configuration. */
    readonly configuredTeamId: string | undefined;
    /** The team from the environment variable `XAI_TEAM_ID`. */
    readonly environmentTeamId: string | undefined;
    /** What happens when an ACL names no model or endpoint of the team. */
    readonly validateAcls: ValidateAcls;
}

/** `error`: refuse; `warn`: say so; `off`: do not look. */
export type ValidateAcls = "error" | "warn" | "off";

/**
 * Every setting by its configuration key without the namespace `xai`, with the environment variables that stand in for it: the
 * first wins.
 */
export const SETTINGS = {
    managementKey: ["XAI_MANAGEMENT_KEY", "XAI_MANAGEMENT_API_KEY"],
    teamId: ["XAI_TEAM_ID"],
    baseUrl: ["XAI_MANAGEMENT_BASE_URL"],
    validateAcls: [],
    requestTimeout: [],
    operationTimeout: [],
    maxRetries: [],
    maxConcurrency: [],
} as const satisfies Record<string, readonly string[]>;
type SettingName = keyof typeof SETTINGS;

/** Where the Management API is, unless told otherwise. */
export const DEFAULT_BASE_URL = "https://management-api.x.ai";

/** Looks up one configuration value by its key without the namespace. */
export type ConfigLookup = (key: string) => unknown;

/**
 * Reads and checks all settings.
 *
 * @param config - Stack configuration, for example `(key) => new pulumi.Config("xai").get(key)`.
 * @param environment - Usually `process.env`. Values are trimmed; an empty one counts as absent.
 * @throws XaiError that names every setting that cannot be read, with what was given and what is allowed.
 */
export function readSettings(
    config: ConfigLookup,
    environment: Readonly<Record<string, string | undefined>>,
): Settings {
    const wrong: string[] = [];
    const configured = (name: SettingName) => present(config(name));
    const fromEnvironment = (name: SettingName) =>
        SETTINGS[name].map((variable) => ({ variable, value: present(environment[variable]) })).find((v) => v.value);

    function read<T>(
        name: SettingName,
        fallback: T,
        parse: (text: string) => T | undefined,
        allowed: string,
        show: (text: string) => string = withoutCredentials,
    ): T {
        const given = configured(name);
        const variable = given === undefined ? fromEnvironment(name) : undefined;
        const text = given ?? variable?.value;
        const value = text === undefined ? fallback : parse(text);
        if (text !== undefined && value === undefined) {
            wrong.push(`\`${variable?.variable ?? `xai:${name}`}\` is "${show(text)}", which is not ${allowed}`);
        }
        return value ?? fallback;
    }

    // A plain refresh takes the configuration from the state: a staging server there must not get a production key.
    const trustsBaseUrl = configured("baseUrl") === undefined || sameUrl(configured("baseUrl"), environment);
    const keys = credentials(configured("managementKey"), fromEnvironment("managementKey"), trustsBaseUrl);
    for (const key of keys.filter((one) => !/^[\x21-\x7e]+$/.test(one.reveal()))) {
        wrong.push(`\`${key.source}\` holds a space or another character that no management key has`);
    }
    const duration = (text: string) => positive(parseDuration(text));
    const settings: Settings = {
        credentials: keys,
        configuredTeamId: configured("teamId"),
        environmentTeamId: fromEnvironment("teamId")?.value,
        baseUrl: read(
            "baseUrl",
            DEFAULT_BASE_URL,
            parseBaseUrl,
            "an http or https URL without credentials, query and fragment",
            showUrl,
        ),
        validateAcls: read<ValidateAcls>("validateAcls", "error", parseValidateAcls, "`error`, `warn` or `off`"),
        requestTimeout: read("requestTimeout", 30_000, duration, 'a duration such as "30s"'),
        operationTimeout: read("operationTimeout", 120_000, duration, 'a duration such as "2m"'),
        maxRetries: read("maxRetries", 8, wholeNumber(0), "a whole number, 0 or more"),
        maxConcurrency: read("maxConcurrency", 8, wholeNumber(1), "a whole number, 1 or more"),
    };
    if (wrong.length > 0) {
        throw new XaiError(`Settings that cannot be read: ${wrong.join("; ")}.`);
    }
    return settings;
}

/** The error for a team that no setting names. */
export function missingTeam(why: string): XaiError {
    return new XaiError(
        `\`xai:teamId\` is not set. ${why} Set it with \`pulumi config set xai:teamId <team>\`, or in the environment variable XAI_TEAM_ID.`,
    );
}

/** Whether a configured base URL is the real API's, or the one that the environment names as well. */
function sameUrl(configured: string | undefined, environment: Readonly<Record<string, string | undefined>>): boolean {
    const known = [DEFAULT_BASE_URL, present(environment["XAI_MANAGEMENT_BASE_URL"])];
    return known.some((url) => url !== undefined && parseBaseUrl(url) === parseBaseUrl(configured ?? ""));
}

function credentials(
    configured: string | undefined,
    environment: { variable: string; value: string | undefined } | undefined,
    trustsBaseUrl: boolean,
): Credential[] {
    const first = configured === undefined ? [] : [new Credential(configured, "xai:managementKey")];
    const second = environment?.value === undefined ? [] : [new Credential(environment.value, environment.variable)];
    return first.length === 0
        ? second
        : [...first, ...second.filter((other) => trustsBaseUrl && !first[0]?.equals(other))];
}

function present(value: unknown): string | undefined {
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
        return undefined;
    }
    const text = String(value).trim();
    return text === "" ? undefined : text;
}

/** A URL, right or wrong, without whatever stands before an `@`: `https:user:word@host` holds credentials, too. */
function showUrl(text: string): string {
    return withoutCredentials(text).replace(/^.*@/s, "[secret]@");
}

function parseBaseUrl(text: string): string | undefined {
    if (!URL.canParse(text)) {
        return undefined;
    }
    const url = new URL(text);
    const plain = (url.protocol === "https:" || url.protocol === "http:") && url.username === "" && url.password === "";
    // An empty query or fragment (`https://host/?`) would swallow every path that is put behind it.
    return plain && !/[?#]/.test(url.href) ? url.href.replace(/\/+$/, "") : undefined;
}

function parseValidateAcls(text: string): ValidateAcls | undefined {
    return text === "error" || text === "warn" || text === "off" ? text : undefined;
}

function positive(value: number | undefined): number | undefined {
    return value !== undefined && value > 0 ? value : undefined;
}

function wholeNumber(least: number): (text: string) => number | undefined {
    return (text) => (/^\d{1,9}$/.test(text) && Number(text) >= least ? Number(text) : undefined);
}
