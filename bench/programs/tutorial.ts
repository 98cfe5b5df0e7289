/**
 * The tutorial: a key as a dynamic provider written along Pulumi's documentation, a first version that works. Its methods
 * are closures that Pulumi serialises, each call is one of axios, and a read lists the team's keys until it has found its own.
 */
import * as pulumi from "@pulumi/pulumi";
import axios from "axios";
import { count, qpm } from "./size.js";

interface KeyInputs {
    name: string;
    acls: string[];
    qpm: number;
}

function api() {
    return axios.create({
        baseURL: process.env["XAI_MANAGEMENT_BASE_URL"] ?? "https://management-api.x.ai",
        headers: { Authorization: `Bearer ${process.env["XAI_MANAGEMENT_KEY"]}` },
    });
}

const keyProvider: pulumi.dynamic.ResourceProvider = {
    async diff(_id: string, olds: KeyInputs, news: KeyInputs) {
        const changed = olds.name !== news.name || olds.qpm !== news.qpm || olds.acls.join() !== news.acls.join();
        return { changes: changed };
    },

    async create(inputs: KeyInputs) {
        const { name, acls } = inputs;
        const team = process.env["XAI_TEAM_ID"];
        const { data } = await api().post(`/auth/teams/${team}/api-keys`, { name, acls, qpm: inputs.qpm });
        for (;;) {
            const { data: state } = await api().get(`/auth/api-keys/${data.apiKeyId}/propagation`);
            if (Object.values(state.icPropagation).every((known) => known)) {
                break;
            }
            await new Promise((resolve) => setTimeout(resolve, 1000));
        }
        return { id: data.apiKeyId, outs: { ...inputs, apiKey: data.apiKey } };
    },

    async read(id: string, props: KeyInputs) {
        const team = process.env["XAI_TEAM_ID"];
        let paginationToken: string | undefined;
        do {
            const params = { pageSize: 100, paginationToken };
            const { data } = await api().get(`/auth/teams/${team}/api-keys`, { params });
            for (const key of data.apiKeys) {
                if (key.apiKeyId === id) {
                    return { id, props: { ...props, name: key.name, acls: key.aclStrings, qpm: key.qpm } };
                }
            }
            paginationToken = data.paginationToken;
        } while (paginationToken);
        return { id: "", props: {} };
    },

    async update(id: string, olds: KeyInputs, news: KeyInputs) {
        const team = process.env["XAI_TEAM_ID"];
        await api().put(`/auth/teams/${team}/api-keys`, {
            apiKey: { apiKeyId: id, name: news.name, aclStrings: news.acls, qpm: news.qpm },
            fieldMask: "name,aclStrings,qpm",
        });
        return { outs: { ...olds, ...news } };
    },

    async delete(id: string) {
        await api().delete(`/auth/api-keys/${id}`);
    },
};

class TutorialKey extends pulumi.dynamic.Resource {
    declare readonly apiKey: pulumi.Output<string>;

    constructor(name: string, args: KeyInputs, opts: pulumi.CustomResourceOptions = {}) {
        super(keyProvider, name, { apiKey: undefined, ...args }, { ...opts, additionalSecretOutputs: ["apiKey"] });
    }
}

for (let index = 0; index < count; index += 1) {
    const name = `key-${index}`;
    new TutorialKey(name, { name, acls: ["api-key:model:grok-4", "api-key:endpoint:chat"], qpm });
}
