import type { Host, HostOptions, Mode } from "./host.js";
import { type KillPoint, Relay } from "./relay.js";

/** Who dies, and at which request of the operation's provider. */
export interface Kill extends KillPoint {
    /** The provider's host alone, or the engine and its host with it. */
    readonly who: "host" | "engine";
}

/** The error of a call during which the host was killed. */
export class HostKilledError extends Error {
    constructor(call: string) {
        super(`the provider's host was killed during ${call}`);
    }
}

/** A host that can die as a process does: its calls come to nothing, and nothing that it would still do happens. */
export class MortalHost {
    readonly calls: Host;
    private isDead = false;
    private readonly atWork = new Set<Promise<unknown>>();
    private noteDeath: () => void = () => undefined;
    private readonly death = new Promise<void>((resolve) => {
        this.noteDeath = resolve;
    });

    private constructor(
        host: Host,
        private readonly relay: Relay | undefined,
    ) {
        this.calls = {
            check: (...given) => this.call("check", () => host.check(...given)),
            diff: (...given) => this.call("diff", () => host.diff(...given)),
            create: (...given) => this.call("create", () => host.create(...given)),
            read: (...given) => this.call("read", () => host.read(...given)),
            update: (...given) => this.call("update", () => host.update(...given)),
            delete: (...given) => this.call("delete", () => host.delete(...given)),
            foresee: (...given) => host.foresee(...given),
            end: async () => {
                if (!this.isDead) await host.end();
            },
        };
    }

    static async start(
        mode: Mode,
        { config, say, ...options }: HostOptions,
        kill: KillPoint | undefined,
        onKill: () => void,
    ): Promise<MortalHost> {
        const die = () => {
            started.isDead = true;
            started.noteDeath();
            onKill();
        };
        const baseUrl = config["xai:baseUrl"] ?? "";
        const relay = kill && (await Relay.open(new URL(baseUrl), kill, die));
        const host = mode.start({
            ...options,
            config: { ...config, "xai:baseUrl": relay?.url ?? baseUrl },
            say: (severity, message) => {
                if (!started.isDead) say(severity, message);
            },
        });
        const started: MortalHost = new MortalHost(host, relay);
        return started;
    }

    /** Settles when what a killed host had sent has arrived. */
    async arrived(): Promise<void> {
        await this.relay?.arrived();
    }

    /** Ends the process. The code of a killed one goes on in this process, against a line that is cut, until it gives up. */
    async end(): Promise<void> {
        await this.calls.end();
        const { relay } = this;
        relay?.cut();
        void Promise.allSettled(this.atWork).then(() => relay?.close());
    }

    private async call<T>(name: string, invoke: () => Promise<T>): Promise<T> {
        if (this.isDead) throw new HostKilledError(name);
        const work = invoke();
        const settled = work.then(
            () => undefined,
            () => undefined,
        );
        this.atWork.add(settled);
        void settled.then(() => this.atWork.delete(settled));
        await Promise.race([settled, this.death]);
        if (this.isDead) throw new HostKilledError(name);
        return await work;
    }
}
