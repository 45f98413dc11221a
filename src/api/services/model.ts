import { t } from "elysia";
import { NewServiceName, ServiceId, ServiceName } from "../fields.ts";
import { listOf, pageParameters } from "../paging/pages.ts";

const exact = { additionalProperties: false };

export const ServicePath = t.Object({ serviceId: ServiceId });

export const ServiceNaming = t.Object({ name: NewServiceName }, exact);

export const NamedService = t.Object({ serviceId: ServiceId, name: ServiceName }, { title: "Service" });

export const ServicesQuery = t.Object(pageParameters, exact);

export const ServiceList = listOf(NamedService);
