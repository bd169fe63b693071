// Where the provider keeps what it knows: one map, which a test may look into and which outlives a turn of its keys.

export function makeStore(stored) {
  return class Store {
    constructor(kind) {
      this.kind = kind;
    }

    async upsert(id, payload) {
      stored.set(`${this.kind}:${id}`, payload);
    }

    async find(id) {
      return stored.get(`${this.kind}:${id}`);
    }

    async findByUid(uid) {
      return this.first("uid", uid);
    }

    async findByUserCode(code) {
      return this.first("userCode", code);
    }

    async consume(id) {
      stored.get(`${this.kind}:${id}`).consumed = Math.floor(Date.now() / 1000);
    }

    async destroy(id) {
      stored.delete(`${this.kind}:${id}`);
    }

    async revokeByGrantId(grant) {
      for (const [name, payload] of stored) {
        if (payload.grantId === grant) {
          stored.delete(name);
        }
      }
    }

    first(name, value) {
      for (const [id, payload] of stored) {
        if (id.startsWith(`${this.kind}:`) && payload[name] === value) {
          return payload;
        }
      }
      return undefined;
    }
  };
}
