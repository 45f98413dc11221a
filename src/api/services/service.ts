import type { Service } from "../../ledger/records.ts";
import { orUnavailable } from "../http/problems.ts";
import type { Cursors } from "../paging/cursors.ts";
import { type PageQuery, readPage } from "../paging/pages.ts";

export type ServicesDependencies = {
  nameService(service: Service): Promise<void>;
  /** Lists at most `limit` services after the id `after`, in the order of ids. */
  listServices(after: string | undefined, limit: number): Promise<Service[]>;
  cursors: Cursors;
};

export type Services = ReturnType<typeof createServices>;

export function createServices({ nameService, listServices, cursors }: ServicesDependencies) {
  return {
    /** Names a service, or renames it from now on. @throws Problem `ledger_unavailable` */
    async name(service: Service): Promise<Service> {
      await orUnavailable(nameService(service));
      return service;
    },

    /**
     * A page of the services that have names, in the order of ids.
     *
     * @throws Problem `invalid_cursor`, `ledger_unavailable`
     */
    async list(query: PageQuery) {
      const { found, nextCursor } = await readPage<Service>(cursors, query, {
        name: JSON.stringify(["services"]),
        read: (after, limit) => orUnavailable(listServices(after, limit)),
        positionOf: ({ serviceId }) => serviceId,
      });
      return { items: found, nextCursor };
    },
  };
}
