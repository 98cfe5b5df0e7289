import type { ProviderDiff } from "./diff.js";
import type { Advisor, CheckFailure, DiffQuestion } from "./generator.js";
import type { Host } from "./host.js";
import { PlanError } from "./ledger.js";
import type { ResourceState } from "./resource.js";
import { isProviderType, providerId, providerUrn } from "./urn.js";
import { equal, holdsUnknown, type ValueMap } from "./values.js";

interface Running {
    readonly host: Host;
    readonly inputs: ValueMap;
}

/** The hosts of an operation, one for each provider resource, configured as that resource is. */
export class Providers implements Advisor {
    private readonly running = new Map<string, Running>();
    private readonly opening = new Map<string, Promise<Host>>();
    private readonly hosts: Host[] = [];
    private spare: Host | undefined;

    /**
     * @param start starts a host
     * @param resources the state, which says how the providers of existing resources are configured
     */
    constructor(
        private readonly start: () => Host,
        private readonly resources: readonly ResourceState[],
    ) {}

    /** Starts a host that will soon be needed: starting takes half a second that a program's start takes as well. */
    warm(): void {
        this.spare ??= this.startOne();
    }

    /** Configures the provider of a reference as the program, or the state, wants it now. */
    async configure(reference: string, inputs: ValueMap): Promise<void> {
        const known = this.running.get(reference);
        if (known !== undefined && equal(known.inputs, inputs)) return;
        const host = this.spare ?? this.startOne();
        this.spare = undefined;
        await host.configure(inputs, !Object.values(inputs).some(holdsUnknown));
        this.running.set(reference, { host, inputs });
    }

    /**
     * The host of a reference, configured as the state says where nothing in this operation did it before.
     *
     * @throws {PlanError} where the state holds no such provider
     */
    async hostOf(reference: string): Promise<Host> {
        const known = this.running.get(reference);
        if (known !== undefined) return known.host;
        const opening = this.opening.get(reference) ?? this.openFromState(reference);
        this.opening.set(reference, opening);
        return await opening;
    }

    private async openFromState(reference: string): Promise<Host> {
        const [urn, id] = [providerUrn(reference), providerId(reference)];
        const state = this.resources.find((each) => each.urn === urn && each.id === id);
        if (state === undefined) throw new PlanError(`unknown provider ${reference}`, "");
        await this.configure(reference, state.inputs);
        return await this.hostOf(reference);
    }

    /** Ends the host of a provider that was deleted. */
    async forget(reference: string): Promise<void> {
        await this.running.get(reference)?.host.stop();
        this.running.delete(reference);
    }

    async check(
        state: ResourceState,
        olds: ValueMap,
        news: ValueMap,
    ): Promise<{ inputs: ValueMap; failures: readonly CheckFailure[] }> {
        if (isProviderType(state.type)) return { inputs: news, failures: [] };
        const host = await this.hostOf(state.provider);
        return await host.check(state.urn, olds, news);
    }

    async diff(question: DiffQuestion): Promise<ProviderDiff> {
        const { state, oldInputs, oldOutputs, newInputs, provider, unknowns } = question;
        if (isProviderType(state.type)) {
            const changes = equal(oldOutputs, newInputs) ? "none" : "some";
            return { changes, replaceKeys: [], changedKeys: [], deleteBeforeReplace: false };
        }
        const host = await this.hostOf(provider);
        return await host.diff(state.urn, state.id, oldInputs, oldOutputs, newInputs, unknowns);
    }

    /** Ends all hosts. */
    async stop(): Promise<void> {
        await Promise.all(this.hosts.map((host) => host.stop()));
    }

    private startOne(): Host {
        const host = this.start();
        this.hosts.push(host);
        return host;
    }
}
