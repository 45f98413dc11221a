-- A ledger as release 0.2.0 wrote it, with REPORT_TIME_ZONE=Asia/Vladivostok.
--
-- That zone is seven hours ahead of Moscow, so October was closed at 14:00 UTC. The "late" operations are of 16:00 UTC,
-- still in October by the default zone. The clock then steps back to 20 October for the "back" operations.

insert into services (service_id, name) values
  ('wash', 'Washing');

insert into accounts (user_id, available_minor, reserved_minor, version, last_entry_at) values
  ('ann', 88800, 0, 15, '2026-11-02 09:00:00+00'),
  ('bob', 1400, 0, 3, '2026-10-31 16:00:00+00'),
  ('cy', 0, 0, 0, NULL),
  ('eve', 0, 0, 3, '2026-10-20 09:00:00+00');

insert into operations (id, caller, idempotency_key, workflow_id, kind, request, status, decline_code, created_at, completed_at, reservation_id, expires_at, decline_reservation_ids, ordinal, user_id, version, counterparty_user_id, counterparty_version) values
  ('745371a9-096b-8693-b2e2-60aa5d80a9df', 'shop', 'deposit', 'carrier-1', 'deposit', '{"userId":"ann","amount":"1000.00","comment":"Salary"}', 'completed', NULL, '2026-10-10 09:00:00+00', '2026-10-10 09:00:00+00', NULL, NULL, NULL, 1, 'ann', 1, NULL, NULL),
  ('9e118ee0-e2fa-85e0-b857-be32a411bb77', 'shop', 'transfer', 'carrier-2', 'transfer', '{"fromUserId":"ann","toUserId":"bob","amount":"10.00"}', 'completed', NULL, '2026-10-10 09:00:00+00', '2026-10-10 09:00:00+00', NULL, NULL, NULL, 2, 'ann', 2, 'bob', 1),
  ('d56ea6a9-ccb9-83ae-a708-601d5b1bee77', 'shop', 'withdrawal', 'carrier-2', 'withdrawal', '{"userId":"ann","amount":"2.00"}', 'completed', NULL, '2026-10-10 09:00:00+00', '2026-10-10 09:00:00+00', NULL, NULL, NULL, 3, 'ann', 3, NULL, NULL),
  ('0c311a2c-cb5d-87d8-b550-a30c2e375a54', 'shop', 'declined-transfer', 'carrier-2', 'transfer', '{"fromUserId":"bob","toUserId":"cy","amount":"9999.00"}', 'declined', 'insufficient_funds', '2026-10-10 09:00:00+00', '2026-10-10 09:00:00+00', NULL, NULL, NULL, 4, NULL, NULL, NULL, NULL),
  ('c9714886-746f-8588-b176-e8ea76dec508', 'shop', 'declined-withdrawal', 'carrier-2', 'withdrawal', '{"userId":"ann","amount":"9999.00"}', 'declined', 'insufficient_funds', '2026-10-10 09:00:00+00', '2026-10-10 09:00:00+00', NULL, NULL, NULL, 5, NULL, NULL, NULL, NULL),
  ('21dc0f8a-b549-888b-8761-b89ff9596d69', 'shop', 'wash', 'carrier-3', 'reservation', '{"userId":"ann","serviceId":"wash","serviceName":"Washing","orderId":"order-1","amount":"100.00","ttlSeconds":2592000}', 'completed', NULL, '2026-10-10 09:00:00+00', '2026-10-10 09:00:00+00', '21dc0f8a-b549-888b-8761-b89ff9596d69', '2026-11-09 09:00:00+00', NULL, 6, 'ann', 4, NULL, NULL),
  ('693d6832-eb04-8bb4-a0d7-3d48540d7ea8', 'shop', 'dry', 'carrier-3', 'reservation', '{"userId":"ann","serviceId":"dry","orderId":"order-1","amount":"50.00","ttlSeconds":2592000}', 'completed', NULL, '2026-10-10 09:00:00+00', '2026-10-10 09:00:00+00', '693d6832-eb04-8bb4-a0d7-3d48540d7ea8', '2026-11-09 09:00:00+00', NULL, 7, 'ann', 5, NULL, NULL),
  ('770a299d-7152-8866-9984-2fb0d23274b5', 'shop', 'expiring', 'carrier-3', 'reservation', '{"userId":"ann","serviceId":"wash","orderId":"order-2","amount":"30.00","ttlSeconds":1}', 'completed', NULL, '2026-10-10 09:00:00+00', '2026-10-10 09:00:00+00', '770a299d-7152-8866-9984-2fb0d23274b5', '2026-10-10 09:00:01+00', NULL, 8, 'ann', 6, NULL, NULL),
  ('04a34b52-e166-870a-b7e4-35553b1785be', 'shop', 'stuck', 'carrier-3', 'reservation', '{"userId":"ann","serviceId":"wash","orderId":"order-3","amount":"7.00"}', 'completed', NULL, '2026-10-10 09:00:00+00', '2026-10-10 09:00:00+00', '04a34b52-e166-870a-b7e4-35553b1785be', '2026-10-10 10:00:00+00', NULL, 9, 'ann', 7, NULL, NULL),
  ('40e17aed-1cfa-869a-82e0-38707f85ab0d', 'shop', 'declined-reservation', 'carrier-3', 'reservation', '{"userId":"ann","serviceId":"wash","orderId":"order-4","amount":"9999.00"}', 'declined', 'insufficient_funds', '2026-10-10 09:00:00+00', '2026-10-10 09:00:00+00', NULL, NULL, NULL, 10, NULL, NULL, NULL, NULL),
  ('2473bd13-0584-8fb7-9d8c-65cd93077c84', 'shop', 'extension', 'carrier-3', 'extension', '{"reservationId":"21dc0f8a-b549-888b-8761-b89ff9596d69","ttlSeconds":2592000}', 'completed', NULL, '2026-10-10 09:00:00+00', '2026-10-10 09:00:00+00', '21dc0f8a-b549-888b-8761-b89ff9596d69', '2026-11-09 09:00:00+00', NULL, 11, NULL, NULL, NULL, NULL),
  ('fd46a8c5-dda3-8a74-a860-44111262e28e', NULL, NULL, 'sweep', 'expiry', '{"reservationId":"770a299d-7152-8866-9984-2fb0d23274b5"}', 'completed', NULL, '2026-10-10 09:01:00+00', '2026-10-10 09:01:00+00', '770a299d-7152-8866-9984-2fb0d23274b5', NULL, NULL, 12, 'ann', 8, NULL, NULL),
  ('15c6ba59-d971-88ce-92df-847d4294f0b4', NULL, NULL, 'carrier-4', 'release', '{"reservationId":"04a34b52-e166-870a-b7e4-35553b1785be"}', 'completed', NULL, '2026-10-10 09:01:00+00', '2026-10-10 09:01:00+00', '04a34b52-e166-870a-b7e4-35553b1785be', NULL, NULL, 13, 'ann', 9, NULL, NULL),
  ('68ca8340-dcac-825f-8cfe-1761b9e8b3bb', 'shop', 'recognition', 'carrier-5', 'recognition', '{"reservationId":"21dc0f8a-b549-888b-8761-b89ff9596d69","amount":"60.00","final":false}', 'completed', NULL, '2026-10-31 13:59:00+00', '2026-10-31 13:59:00+00', '21dc0f8a-b549-888b-8761-b89ff9596d69', NULL, NULL, 14, 'ann', 10, NULL, NULL),
  ('92d654c9-011e-81f2-beda-96395a84dd27', 'shop', 'late-deposit', 'carrier-6', 'deposit', '{"userId":"bob","amount":"3.00"}', 'completed', NULL, '2026-10-31 16:00:00+00', '2026-10-31 16:00:00+00', NULL, NULL, NULL, 15, 'bob', 2, NULL, NULL),
  ('c92723ab-7560-8247-aa9a-2c4ad3399944', 'shop', 'late-recognition', 'carrier-6', 'recognition', '{"userId":"ann","serviceId":"dry","orderId":"order-1","amount":"50.00"}', 'completed', NULL, '2026-10-31 16:00:00+00', '2026-10-31 16:00:00+00', '693d6832-eb04-8bb4-a0d7-3d48540d7ea8', NULL, NULL, 16, 'ann', 11, NULL, NULL),
  ('2792bf76-56ca-8c4b-8ec6-60ee7229436a', 'shop', 'late-transfer', 'carrier-6', 'transfer', '{"fromUserId":"ann","toUserId":"bob","amount":"1.00"}', 'completed', NULL, '2026-10-31 16:00:00+00', '2026-10-31 16:00:00+00', NULL, NULL, NULL, 17, 'ann', 12, 'bob', 3),
  ('5f51c9fe-485e-8e2c-bb6a-6f14b9268a35', 'shop', 'late-refund', 'carrier-7', 'refund', '{"recognitionId":"68ca8340-dcac-825f-8cfe-1761b9e8b3bb","amount":"10.00"}', 'completed', NULL, '2026-10-31 16:00:00+00', '2026-10-31 16:00:00+00', '21dc0f8a-b549-888b-8761-b89ff9596d69', NULL, NULL, 18, 'ann', 13, NULL, NULL),
  ('23d434c1-9226-8baa-88f6-c5f726d564b9', 'shop', 'late-release', 'carrier-7', 'release', '{"userId":"ann","serviceId":"wash","orderId":"order-1"}', 'completed', NULL, '2026-10-31 16:00:00+00', '2026-10-31 16:00:00+00', '21dc0f8a-b549-888b-8761-b89ff9596d69', NULL, NULL, 19, 'ann', 14, NULL, NULL),
  ('a2b66ffe-1d67-8235-ab32-f7fc81a7a198', 'shop', 'declined-refund', 'carrier-8', 'refund', '{"recognitionId":"68ca8340-dcac-825f-8cfe-1761b9e8b3bb","amount":"900.00"}', 'declined', 'exceeds_recognized', '2026-10-31 16:00:00+00', '2026-10-31 16:00:00+00', NULL, NULL, NULL, 20, NULL, NULL, NULL, NULL),
  ('6f8abb70-b655-8fb4-917e-8124b08a1a6e', 'shop', 'declined-unknown-refund', 'carrier-8', 'refund', '{"recognitionId":"693d6832-eb04-8bb4-a0d7-3d48540d7ea8","amount":"1.00"}', 'declined', 'recognition_not_found', '2026-10-31 16:00:00+00', '2026-10-31 16:00:00+00', NULL, NULL, NULL, 21, NULL, NULL, NULL, NULL),
  ('e08cbb4f-f09c-83ee-9680-0b7b5ac69b56', 'shop', 'declined-release', 'carrier-8', 'release', '{"reservationId":"21dc0f8a-b549-888b-8761-b89ff9596d69"}', 'declined', 'reservation_settled', '2026-10-31 16:00:00+00', '2026-10-31 16:00:00+00', NULL, NULL, NULL, 22, NULL, NULL, NULL, NULL),
  ('d6cf2771-66ec-841e-a101-500074e1e94f', 'shop', 'declined-by-fields', 'carrier-8', 'release', '{"userId":"ann","serviceId":"dry","orderId":"order-9"}', 'declined', 'reservation_not_found', '2026-10-31 16:00:00+00', '2026-10-31 16:00:00+00', NULL, NULL, NULL, 23, NULL, NULL, NULL, NULL),
  ('747aaa1b-de3f-88c8-a719-3ca17a0dd2f9', 'shop', 'declined-recognition', 'carrier-8', 'recognition', '{"reservationId":"40e17aed-1cfa-869a-82e0-38707f85ab0d"}', 'declined', 'reservation_not_found', '2026-10-31 16:00:00+00', '2026-10-31 16:00:00+00', NULL, NULL, NULL, 24, NULL, NULL, NULL, NULL),
  ('02ef16e7-65d3-8076-b54e-564fc979651c', 'shop', 'refused', 'carrier-9', 'deposit', E'{"userId":"ann\\u0000","amount":"1.00"}', 'declined', 'refused_by_ledger', '2026-10-31 16:00:00+00', '2026-10-31 16:00:00+00', NULL, NULL, NULL, 25, NULL, NULL, NULL, NULL),
  ('d7ec8e40-ac3a-87ed-82b8-58e5d8764f4c', 'shop', 'back-deposit', 'carrier-10', 'deposit', '{"userId":"eve","amount":"5.00"}', 'completed', NULL, '2026-10-20 09:00:00+00', '2026-10-20 09:00:00+00', NULL, NULL, NULL, 26, 'eve', 1, NULL, NULL),
  ('6d4ce4ca-289e-8a4a-bc85-fc8fe39848f3', 'shop', 'back', 'carrier-11', 'reservation', '{"userId":"eve","serviceId":"dry","orderId":"order-5","amount":"5.00"}', 'completed', NULL, '2026-10-20 09:00:00+00', '2026-10-20 09:00:00+00', '6d4ce4ca-289e-8a4a-bc85-fc8fe39848f3', '2026-10-20 10:00:00+00', NULL, 27, 'eve', 2, NULL, NULL),
  ('43eb9c9a-08b0-8943-b405-4f8a419abf21', 'shop', 'back-recognition', 'carrier-12', 'recognition', '{"reservationId":"6d4ce4ca-289e-8a4a-bc85-fc8fe39848f3"}', 'completed', NULL, '2026-10-20 09:00:00+00', '2026-10-20 09:00:00+00', '6d4ce4ca-289e-8a4a-bc85-fc8fe39848f3', NULL, NULL, 28, 'eve', 3, NULL, NULL),
  ('81188f63-aaeb-85fd-a709-fdfca1335b87', 'shop', 'november', 'carrier-13', 'deposit', '{"userId":"ann","amount":"1.00"}', 'completed', NULL, '2026-11-02 09:00:00+00', '2026-11-02 09:00:00+00', NULL, NULL, NULL, 29, 'ann', 15, NULL, NULL);

insert into entries (user_id, version, operation_id, kind, amount_minor, available_delta_minor, reserved_delta_minor, available_after_minor, reserved_after_minor, counterparty_user_id, created_at, reservation_id, service_id, order_id) values
  ('ann', 1, '745371a9-096b-8693-b2e2-60aa5d80a9df', 'deposit', 100000, 100000, 0, 100000, 0, NULL, '2026-10-10 09:00:00+00', NULL, NULL, NULL),
  ('ann', 2, '9e118ee0-e2fa-85e0-b857-be32a411bb77', 'transfer', 1000, -1000, 0, 99000, 0, 'bob', '2026-10-10 09:00:00+00', NULL, NULL, NULL),
  ('ann', 3, 'd56ea6a9-ccb9-83ae-a708-601d5b1bee77', 'withdrawal', 200, -200, 0, 98800, 0, NULL, '2026-10-10 09:00:00+00', NULL, NULL, NULL),
  ('ann', 4, '21dc0f8a-b549-888b-8761-b89ff9596d69', 'reservation', 10000, -10000, 10000, 88800, 10000, NULL, '2026-10-10 09:00:00+00', '21dc0f8a-b549-888b-8761-b89ff9596d69', 'wash', 'order-1'),
  ('ann', 5, '693d6832-eb04-8bb4-a0d7-3d48540d7ea8', 'reservation', 5000, -5000, 5000, 83800, 15000, NULL, '2026-10-10 09:00:00+00', '693d6832-eb04-8bb4-a0d7-3d48540d7ea8', 'dry', 'order-1'),
  ('ann', 6, '770a299d-7152-8866-9984-2fb0d23274b5', 'reservation', 3000, -3000, 3000, 80800, 18000, NULL, '2026-10-10 09:00:00+00', '770a299d-7152-8866-9984-2fb0d23274b5', 'wash', 'order-2'),
  ('ann', 7, '04a34b52-e166-870a-b7e4-35553b1785be', 'reservation', 700, -700, 700, 80100, 18700, NULL, '2026-10-10 09:00:00+00', '04a34b52-e166-870a-b7e4-35553b1785be', 'wash', 'order-3'),
  ('ann', 8, 'fd46a8c5-dda3-8a74-a860-44111262e28e', 'expiry', 3000, 3000, -3000, 83100, 15700, NULL, '2026-10-10 09:01:00+00', '770a299d-7152-8866-9984-2fb0d23274b5', 'wash', 'order-2'),
  ('ann', 9, '15c6ba59-d971-88ce-92df-847d4294f0b4', 'release', 700, 700, -700, 83800, 15000, NULL, '2026-10-10 09:01:00+00', '04a34b52-e166-870a-b7e4-35553b1785be', 'wash', 'order-3'),
  ('ann', 10, '68ca8340-dcac-825f-8cfe-1761b9e8b3bb', 'recognition', 6000, 0, -6000, 83800, 9000, NULL, '2026-10-31 13:59:00+00', '21dc0f8a-b549-888b-8761-b89ff9596d69', 'wash', 'order-1'),
  ('ann', 11, 'c92723ab-7560-8247-aa9a-2c4ad3399944', 'recognition', 5000, 0, -5000, 83800, 4000, NULL, '2026-10-31 16:00:00+00', '693d6832-eb04-8bb4-a0d7-3d48540d7ea8', 'dry', 'order-1'),
  ('ann', 12, '2792bf76-56ca-8c4b-8ec6-60ee7229436a', 'transfer', 100, -100, 0, 83700, 4000, 'bob', '2026-10-31 16:00:00+00', NULL, NULL, NULL),
  ('ann', 13, '5f51c9fe-485e-8e2c-bb6a-6f14b9268a35', 'refund', 1000, 1000, 0, 84700, 4000, NULL, '2026-10-31 16:00:00+00', '21dc0f8a-b549-888b-8761-b89ff9596d69', 'wash', 'order-1'),
  ('ann', 14, '23d434c1-9226-8baa-88f6-c5f726d564b9', 'release', 4000, 4000, -4000, 88700, 0, NULL, '2026-10-31 16:00:00+00', '21dc0f8a-b549-888b-8761-b89ff9596d69', 'wash', 'order-1'),
  ('ann', 15, '81188f63-aaeb-85fd-a709-fdfca1335b87', 'deposit', 100, 100, 0, 88800, 0, NULL, '2026-11-02 09:00:00+00', NULL, NULL, NULL),
  ('bob', 1, '9e118ee0-e2fa-85e0-b857-be32a411bb77', 'transfer', 1000, 1000, 0, 1000, 0, 'ann', '2026-10-10 09:00:00+00', NULL, NULL, NULL),
  ('bob', 2, '92d654c9-011e-81f2-beda-96395a84dd27', 'deposit', 300, 300, 0, 1300, 0, NULL, '2026-10-31 16:00:00+00', NULL, NULL, NULL),
  ('bob', 3, '2792bf76-56ca-8c4b-8ec6-60ee7229436a', 'transfer', 100, 100, 0, 1400, 0, 'ann', '2026-10-31 16:00:00+00', NULL, NULL, NULL),
  ('eve', 1, 'd7ec8e40-ac3a-87ed-82b8-58e5d8764f4c', 'deposit', 500, 500, 0, 500, 0, NULL, '2026-10-20 09:00:00+00', NULL, NULL, NULL),
  ('eve', 2, '6d4ce4ca-289e-8a4a-bc85-fc8fe39848f3', 'reservation', 500, -500, 500, 0, 500, NULL, '2026-10-20 09:00:00+00', '6d4ce4ca-289e-8a4a-bc85-fc8fe39848f3', 'dry', 'order-5'),
  ('eve', 3, '43eb9c9a-08b0-8943-b405-4f8a419abf21', 'recognition', 500, 0, -500, 0, 0, NULL, '2026-10-20 09:00:00+00', '6d4ce4ca-289e-8a4a-bc85-fc8fe39848f3', 'dry', 'order-5');

insert into reservations (id, user_id, service_id, order_id, saga_workflow_id, amount_minor, recognized_minor, released_minor, expired_minor, expires_at, created_at) values
  ('21dc0f8a-b549-888b-8761-b89ff9596d69', 'ann', 'wash', 'order-1', 'carrier-3', 10000, 6000, 4000, 0, '2026-11-09 09:00:00+00', '2026-10-10 09:00:00+00'),
  ('693d6832-eb04-8bb4-a0d7-3d48540d7ea8', 'ann', 'dry', 'order-1', 'carrier-3', 5000, 5000, 0, 0, '2026-11-09 09:00:00+00', '2026-10-10 09:00:00+00'),
  ('770a299d-7152-8866-9984-2fb0d23274b5', 'ann', 'wash', 'order-2', 'carrier-3', 3000, 0, 0, 3000, '2026-10-10 09:00:01+00', '2026-10-10 09:00:00+00'),
  ('04a34b52-e166-870a-b7e4-35553b1785be', 'ann', 'wash', 'order-3', 'carrier-3', 700, 0, 700, 0, '2026-10-10 10:00:00+00', '2026-10-10 09:00:00+00'),
  ('6d4ce4ca-289e-8a4a-bc85-fc8fe39848f3', 'eve', 'dry', 'order-5', 'carrier-11', 500, 500, 0, 0, '2026-10-20 10:00:00+00', '2026-10-20 09:00:00+00');

insert into recognitions (id, reservation_id, user_id, service_id, order_id, amount_minor, refunded_minor) values
  ('43eb9c9a-08b0-8943-b405-4f8a419abf21', '6d4ce4ca-289e-8a4a-bc85-fc8fe39848f3', 'eve', 'dry', 'order-5', 500, 0),
  ('68ca8340-dcac-825f-8cfe-1761b9e8b3bb', '21dc0f8a-b549-888b-8761-b89ff9596d69', 'ann', 'wash', 'order-1', 6000, 1000),
  ('c92723ab-7560-8247-aa9a-2c4ad3399944', '693d6832-eb04-8bb4-a0d7-3d48540d7ea8', 'ann', 'dry', 'order-1', 5000, 0);

insert into revenue (operation_id, service_id, amount_minor, created_at, month) values
  ('43eb9c9a-08b0-8943-b405-4f8a419abf21', 'dry', 500, '2026-10-20 09:00:00+00', '2026-11-01'),
  ('5f51c9fe-485e-8e2c-bb6a-6f14b9268a35', 'wash', -1000, '2026-10-31 16:00:00+00', '2026-11-01'),
  ('68ca8340-dcac-825f-8cfe-1761b9e8b3bb', 'wash', 6000, '2026-10-31 13:59:00+00', '2026-10-01'),
  ('c92723ab-7560-8247-aa9a-2c4ad3399944', 'dry', 5000, '2026-10-31 16:00:00+00', '2026-11-01');

insert into closed_months (month, closed_at) values
  ('2026-10-01', '2026-10-31 14:00:00+00');

insert into revenue_reports (month, csv, sha256, total_minor, generated_at) values
  ('2026-10-01', E'\\x57617368696e673b36302e30300a', '2abc91bcb02309200502bec033e7a686f3b0df456d1a894e0a4d9cea203ef014', 6000, '2026-10-31 14:00:00+00');

select setval('operations_ordinal', (select max(ordinal) from operations));
