// Made from openapi.json by `npm run sdk`; a test fails when it is stale.
export interface paths {
    "/v1/lists": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All lists, the oldest first, archived ones too */
        get: operations["ListsController_list"];
        put?: never;
        /** Create a list */
        post: operations["ListsController_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/lists/{slug}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One list */
        get: operations["ListsController_find"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change or archive a list
         * @description What is left out stays. A list is archived, never deleted, because consent and history speak of it.
         */
        patch: operations["ListsController_update"];
        trace?: never;
    };
    "/v1/subscriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Subscribe a person to lists
         * @description On lists with double opt-in the person is pending until the button in the confirmation mail is pressed. An address that does not answer gets one such mail in 24 hours: what is asked for meanwhile is confirmed by the link that is out already. Who is confirmed stays confirmed. Who has left must confirm again, on any list. A domain that takes no mail ends the subscription after the answer: `refused` of the subscriber says why.
         */
        post: operations["SubscriptionsController_subscribe"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions/{id}/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send the confirmation mail once more
         * @description One mail for all that the person has not confirmed. 429 with Retry-After while a mail of the last 24 hours is unanswered, 409 for a subscription that is not pending.
         */
        post: operations["SubscriptionsController_resend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End a subscription
         * @description Mail to this list that waits is skipped. The row and its history stay.
         */
        delete: operations["SubscriptionsController_leave"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscribers/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Find subscribers, the newest first
         * @description A search, so that no address stands in a URL.
         */
        post: operations["SubscribersController_search"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscribers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One subscriber with all subscriptions */
        get: operations["SubscribersController_find"];
        put?: never;
        post?: never;
        /**
         * Erase a subscriber
         * @description Everything that names the person goes, all subscriptions end, mail that waits is skipped. A keyed hash of the address stays, so that an import cannot bring the person back; a confirmed new opt-in or a purchase can.
         */
        delete: operations["PrivacyController_erase"];
        options?: never;
        head?: never;
        /**
         * Change what is known of a subscriber
         * @description What is left out stays; null empties a field.
         */
        patch: operations["SubscribersController_change"];
        trace?: never;
    };
    "/v1/subscribers/{id}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Everything that is held about a subscriber
         * @description By kind, as JSON (GDPR Art. 15 and 20). What is empty is there as an empty list.
         */
        get: operations["PrivacyController_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/audience": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How many people read what: safe to share
         * @description Confirmed subscriptions by list, language, source and month, rounded down to tens. Groups of fewer than 10 are put together, also where they could be found by subtraction; a list is counted anew only after 10 people have come and gone.
         */
        get: operations["ReportsController_audienceReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/retention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How long each kind of record is kept
         * @description With how many are past their time now, and what went the last time.
         */
        get: operations["ReportsController_retentionReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/privacy-policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All versions, the newest first, without their text */
        get: operations["PoliciesController_list"];
        put?: never;
        /**
         * Publish a version of the privacy policy
         * @description It is at /privacy and at every form from then on. A published version is kept as it is; a change is a new version.
         */
        post: operations["PoliciesController_publish"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/privacy-policies/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One version with its text */
        get: operations["PoliciesController_find"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/privacy-policies/{version}/announce": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Tell people of the current version by mail
         * @description Service mail in the capacity of news, one to each person, once for each version. It reaches people whatever they subscribed to, but nobody who was erased or whose address does not work.
         */
        post: operations["PoliciesController_announce"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/privacy-policies/{version}/announcement": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What became of the mails that told of it, and who agreed */
        get: operations["PoliciesController_announcement"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/privacy-policies/{version}/announcement/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Hold what has not gone out */
        post: operations["PoliciesController_pause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/privacy-policies/{version}/announcement/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go on after a pause */
        post: operations["PoliciesController_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/privacy-policies/{version}/announcement/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Skip what has not gone out, for good */
        post: operations["PoliciesController_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscribers/{id}/consent": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a subscriber agreed to and ended, as a proof
         * @description Every act with the exact words, their version, the privacy policy, the page, the truncated IP address and the mail, and whether each entry is as it was written. As JSON, or as HTML to be read and printed.
         */
        get: operations["ConsentProofController_proof"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/suppressions/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Import suppressions from CSV
         * @description Columns: address, and if you like scope, list, reason, evidence. Do this before any people are imported. What is active already stays; rows that are not valid are named in the answer, the others are taken.
         */
        post: operations["SuppressionCsvController_import"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/suppressions/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export suppressions as CSV
         * @description In a form that the import takes.
         */
        get: operations["SuppressionCsvController_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/suppressions/scores": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What is held against an address
         * @description Its soft bounces, the score that they make now, and the suppression that tells most.
         */
        post: operations["SuppressionCsvController_score"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/suppressions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Suppress an address
         * @description Mail that already waits is skipped. The same active suppression again is answered with 200 and the existing one.
         */
        post: operations["SuppressionsController_add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/suppressions/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Find suppressions, the newest first */
        post: operations["SuppressionsController_search"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/suppressions/{id}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Lift a suppression
         * @description It is kept, with the note. Others of the same address still hold.
         */
        post: operations["SuppressionsController_release"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reports/deliverability": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How mail arrives, by day, campaign and recipient domain
         * @description Delivered, deferred, hard, soft, blocked, and complaints against the lines of 0.1 % and 0.3 %. Where a provider tells of no complaints the rate is null with the reason, never 0. Counted by the day of the hand-over (UTC), some ten seconds behind.
         */
        get: operations["DeliverabilityController_report"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/suppressions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Why an address is suppressed
         * @description What servers, providers and the person said: the words of the reply or of the report, and where they came from. Never the content of a mail.
         */
        get: operations["SuppressionEvidenceController_evidence"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/order-events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Tell what happened to an order
         * @description Sends the mail that belongs to it, once: the same event again is answered with 200 and the same body, and sends nothing. Needs no opt-in of the customer.
         */
        post: operations["OrderEventsController_receive"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/order-events/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Tell up to 100 events
         * @description In the order given, each on its own: an answer per item, and a mistake in one costs the others nothing. The same call again is safe.
         */
        post: operations["OrderEventsController_receiveMany"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What happened to an order
         * @description Its events, the mail that each sent, what repeats it, and what became of them. The id is the shop’s own.
         */
        get: operations["OrdersController_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hooks/store/{platform}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Webhooks of Stripe and Shopify
         * @description Signed by the platform over the raw body; mapped to order events. 409 where nothing is known of the order yet: platforms send again.
         */
        post: operations["StoreHooksController_receive"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/emails": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a mail
         * @description To at most 50 recipients in all. Answers once the mail is stored; send an Idempotency-Key to be able to repeat the call.
         */
        post: operations["EmailsController_send"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/emails/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send up to 100 mails
         * @description Each on its own: an answer per item, and a mistake in one costs the others nothing. With an Idempotency-Key the same call can be made again, and sends nothing twice.
         */
        post: operations["EmailsController_sendMany"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/emails/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a mail that waits
         * @description Whoever waits for it (scheduled, queued, deferred) does not get it: skipped, "cancelled".
         */
        post: operations["EmailsController_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/emails/{id}/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a mail again
         * @description A new mail with the same content to the same recipients, for as long as the content is kept.
         */
        post: operations["EmailsController_resend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/emails/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Search the message log
         * @description Order and service mail, newest first.
         */
        post: operations["EmailsController_search"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/emails/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What became of a mail
         * @description Its state, each recipient, and what happened when.
         */
        get: operations["EmailsController_find"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/templates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All templates, built-in and own
         * @description In the order of their names; `after` is a name.
         */
        get: operations["TemplatesController_list"];
        put?: never;
        /**
         * Add a template of your own
         * @description Checked in every language that it has, and live at once. A mistake is a 422 with its line.
         */
        post: operations["TemplatesController_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/templates/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One template
         * @description Its live source, and its variables with types and examples.
         */
        get: operations["TemplatesController_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/templates/{name}/revisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Its revisions, the newest first */
        get: operations["TemplatesController_history"];
        put?: never;
        /**
         * Add a revision
         * @description Checked in every language that it has, and stored; it is live once it is published. A mistake is a 422 with its line.
         */
        post: operations["TemplatesController_add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/templates/{name}/revisions/{revision}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One revision with its source */
        get: operations["TemplatesController_revision"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/templates/{name}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Look at it
         * @description Subject, HTML and text for a language. Nothing is sent.
         */
        post: operations["TemplatesController_preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/templates/{name}/publish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a revision the live one
         * @description From the next mail on; mails that were accepted before keep theirs. An older revision may come back.
         */
        post: operations["TemplatesController_publish"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All campaigns, the newest first */
        get: operations["CampaignsController_page"];
        put?: never;
        /**
         * Create a campaign
         * @description A draft. The content is checked: a mistake in it is answered with its line.
         */
        post: operations["CampaignsController_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One campaign
         * @description With its counts: recipients is always the sum of the others.
         */
        get: operations["CampaignsController_find"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change a draft or scheduled campaign
         * @description What is left out stays.
         */
        patch: operations["CampaignsController_change"];
        trace?: never;
    };
    "/v1/campaigns/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a test
         * @description The mail as it is now, with "[Test]" before its subject.
         */
        post: operations["CampaignsController_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{id}/send": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send now
         * @description Once: a second call is answered with 409.
         */
        post: operations["CampaignsController_send"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{id}/schedule": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send later
         * @description Again with another time while it is scheduled.
         */
        post: operations["CampaignsController_schedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Hold what has not been handed over */
        post: operations["CampaignsController_pause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go on after a pause */
        post: operations["CampaignsController_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop for good
         * @description What has not been handed over is skipped and counted so.
         */
        post: operations["CampaignsController_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{id}/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What became of a campaign
         * @description Totals, recipient domains, replies and skip reasons, all of one moment, also while it runs. The list behind each number: `/deliveries` with what its line says (`state`, `domain`, `reason`, `replyCode`, `enhanced`, `outcome`).
         */
        get: operations["CampaignReportController_report"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who gets a campaign, when, and what the server said */
        get: operations["CampaignReportController_deliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/campaigns/{id}/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send once more what failed or is unknown
         * @description A finished campaign is open again until that is settled; one that sends goes on, a paused one stays paused. Draft, scheduled or cancelled: 409. Tries and retry time start again; the Message-ID stays.
         */
        post: operations["CampaignReportController_sendAgain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/relays": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All relays, the oldest first, disabled ones too */
        get: operations["RelaysController_list"];
        put?: never;
        /**
         * Add a relay
         * @description Mail leaves through the enabled relay with the lowest priority that carries its stream; equals share. Workers follow within seconds.
         */
        post: operations["RelaysController_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/relays/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One relay: its limits, how much of them is used, whether it is in trouble */
        get: operations["RelaysController_find"];
        put?: never;
        post?: never;
        /**
         * Disable a relay
         * @description It is kept, because deliveries name it; enable it again with PATCH.
         */
        delete: operations["RelaysController_disable"];
        options?: never;
        head?: never;
        /**
         * Change a relay
         * @description What is left out stays. The url of the relay "default" is SMTP_URL and is not changed here.
         */
        patch: operations["RelaysController_update"];
        trace?: never;
    };
    "/v1/domain-caps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All caps of recipient domains, by name; `after` is a domain */
        get: operations["DomainCapsController_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/domain-caps/{domain}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The cap of a recipient domain */
        get: operations["DomainCapsController_find"];
        /**
         * Cap a recipient domain
         * @description So many mails a second at most, whatever the domain says itself. News and service mail use up to 80 % of it.
         */
        put: operations["DomainCapsController_set"];
        post?: never;
        /** Lift the cap of a recipient domain */
        delete: operations["DomainCapsController_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/imports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Imports, the newest first */
        get: operations["ImportsController_list"];
        put?: never;
        /**
         * Import people who agreed elsewhere, from CSV
         * @description The body is the file: UTF-8, or UTF-16 with a byte order mark; the first row names the columns; comma, semicolon or tab. It is stored as it comes and read by a worker. People are confirmed on the lists at once and get no mail. Nobody is brought back: who left a list stays off it, who left all of theirs stays off all, an erased address stays out; a suppressed one is imported and stays suppressed. The same file again changes nothing.
         */
        post: operations["ImportsController_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/imports/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far an import is, and what became of its rows */
        get: operations["ImportsController_find"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/imports/{id}/errors.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Rows that could not be imported
         * @description Row (the header is row 1), column, and what is wrong, without the values. Kept for 30 days.
         */
        get: operations["ImportsController_errors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/imports/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End an import early
         * @description Rows that are done stay done. 409 where it has ended.
         */
        post: operations["ImportsController_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscribers/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Subscribers as CSV
         * @description One row a subscription, as it is read from the database: memory stays flat however many there are. Texts that look like a formula have an apostrophe in front, which an import takes off again.
         */
        get: operations["ExportController_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook-endpoints": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All webhook endpoints, the oldest first */
        get: operations["EndpointsController_list"];
        put?: never;
        /**
         * Add a webhook endpoint
         * @description It gets what happens from now on, signed as Standard Webhooks say. The secret is in this answer only. docs/webhooks.md has every event type and how to verify.
         */
        post: operations["EndpointsController_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook-endpoints/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One webhook endpoint: how it fares, what waits */
        get: operations["EndpointsController_find"];
        put?: never;
        post?: never;
        /**
         * Delete a webhook endpoint
         * @description What waits for it is not sent any more.
         */
        delete: operations["EndpointsController_remove"];
        options?: never;
        head?: never;
        /**
         * Change, disable or enable a webhook endpoint
         * @description What is left out stays. A disabled one collects nothing; enable it and ask for a replay to get what it missed.
         */
        patch: operations["EndpointsController_update"];
        trace?: never;
    };
    "/v1/webhook-endpoints/{id}/rotate-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a new secret
         * @description For 24 hours the old one signs too: there are two signatures in the header, one of each.
         */
        post: operations["EndpointsController_rotateSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook-endpoints/{id}/attempts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was sent to an endpoint and what it answered, the newest first; kept 30 days */
        get: operations["AttemptsController_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook-endpoints/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a test.ping
         * @description What came back is in the attempts a moment later.
         */
        post: operations["AttemptsController_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook-endpoints/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send past events once more
         * @description At most 30 days back. A message that was sent before keeps its webhook-id. They are queued in the background: "replaying" of the endpoint says how long.
         */
        post: operations["AttemptsController_replay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhook-endpoints/{id}/attempts/{attemptId}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send the message of one attempt once more
         * @description Under its webhook-id.
         */
        post: operations["AttemptsController_replayOne"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All API keys, the oldest first, revoked ones too */
        get: operations["KeysController_list"];
        put?: never;
        /**
         * Make an API key
         * @description A key can give only what it has itself; what is left out is as with the key that asks. The secret is in this answer only. docs/keys.md has more.
         */
        post: operations["KeysController_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One API key, with who made, changed and revoked it */
        get: operations["KeysController_find"];
        put?: never;
        post?: never;
        /**
         * Revoke an API key
         * @description For good; it is refused everywhere within 3 seconds, and stays on record.
         */
        delete: operations["KeysController_revoke"];
        options?: never;
        head?: never;
        /**
         * Change an API key
         * @description What is left out stays. Every key with this scope may narrow others; what widens a key must leave it within the key that asks. In force within 3 seconds.
         */
        patch: operations["KeysController_update"];
        trace?: never;
    };
    "/hooks/mail/{provider}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Webhooks of Amazon SES, SendGrid, Postmark and Mailgun
         * @description What became of mail, as the provider tells it. Proven by its signature or by name and password, stored before the answer, read by a worker.
         */
        post: operations["MailHooksController_receive"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/mail-events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Webhooks that mail providers sent, the newest first
         * @description Without their content, which names people. Kept for 30 days.
         */
        get: operations["MailEventsController_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/mail-events/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Read webhooks of mail providers again
         * @description Those with these ids, or all that failed. What was applied before changes nothing.
         */
        post: operations["MailEventsController_replay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        NewList: {
            slug: string;
            name: string;
            description?: string | null;
            /**
             * @default double
             * @enum {string}
             */
            optIn?: "double" | "single";
            /**
             * @default public
             * @enum {string}
             */
            visibility?: "public" | "private";
            /**
             * @description Whether one mail reminds those who have not confirmed after two days.
             * @default false
             */
            reminder?: boolean;
            /**
             * @description Soft bounces at which this list lets go of an address; null: as everywhere (SOFT_BOUNCE_LIMIT).
             * @default null
             */
            softBounceLimit?: number | null;
            /** @description Slug of a sender; the first one when left out. */
            sender?: string;
        };
        List: {
            /** Format: uuid */
            id: string;
            slug: string;
            name: string;
            description: string | null;
            /** @enum {string} */
            optIn: "double" | "single";
            /** @enum {string} */
            visibility: "public" | "private";
            /** @description Whether one mail reminds those who have not confirmed after two days. */
            reminder: boolean;
            /** @description Soft bounces at which this list lets go of an address; null: as everywhere (SOFT_BOUNCE_LIMIT). */
            softBounceLimit: number | null;
            sender: string;
            /** Format: date-time */
            archivedAt: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        ListPage: {
            data: components["schemas"]["List"][];
            hasMore: boolean;
        };
        ListChange: {
            name?: string;
            description?: string | null;
            /** @enum {string} */
            visibility?: "public" | "private";
            /** @description Whether one mail reminds those who have not confirmed after two days. */
            reminder?: boolean;
            /** @description Soft bounces at which this list lets go of an address; null: as everywhere (SOFT_BOUNCE_LIMIT). */
            softBounceLimit?: number | null;
            sender?: string;
            /** @description An archived list takes nobody and sends nothing; who was on it is kept. */
            archived?: boolean;
        };
        NewSubscription: {
            email: string;
            /** @description Slugs of lists. */
            lists: string[];
            name?: string | null;
            locale?: string | null;
            attributes?: {
                [key: string]: string | number | boolean | (null) | string[];
            };
            consent: {
                /** @description The exact words that the person agreed to. */
                text: string;
                /** @description Where: the URL of the page, or "checkout". */
                source: string;
                /** @description Stored without its last part. */
                ip?: string;
                /** @description Stored as the family of the browser. */
                userAgent?: string;
            };
        };
        Subscriptions: {
            /** Format: uuid */
            subscriberId: string;
            subscriptions: {
                /** Format: uuid */
                id: string;
                list: string;
                /** @enum {string} */
                status: "pending" | "confirmed" | "unsubscribed";
            }[];
        };
        ResentConfirmation: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            status: "pending" | "confirmed" | "unsubscribed";
        };
        SubscriberSearch: {
            /** @default 20 */
            limit?: number;
            /** Format: uuid */
            after?: string;
            email?: string;
            /** @description Slug of a list. */
            list?: string;
            /**
             * @description Of the subscription to `list`, or of any subscription.
             * @enum {string}
             */
            status?: "pending" | "confirmed" | "unsubscribed";
        };
        SubscriberPage: {
            data: components["schemas"]["Subscriber"][];
            hasMore: boolean;
        };
        Subscriber: {
            /** Format: uuid */
            id: string;
            email: string;
            name: string | null;
            locale: string | null;
            timezone: string | null;
            attributes: {
                [key: string]: string | number | boolean | (null) | string[];
            };
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            subscriptions: {
                /** Format: uuid */
                id: string;
                list: string;
                /** @enum {string} */
                status: "pending" | "confirmed" | "unsubscribed";
                /** Format: date-time */
                askedAt: string;
                /** Format: date-time */
                confirmedAt: string | null;
                /** Format: date-time */
                leftAt: string | null;
                /** @description Where it was asked for: host and path of a page, or a word. */
                source: string | null;
                /** @description Why no mail can reach the address, where that ended it: no_such_domain, takes_no_mail. */
                refused: string | null;
            }[];
        };
        SubscriberChange: {
            name?: string | null;
            locale?: string | null;
            timezone?: string | null;
            /** @description Merged with those that are there; null removes one. */
            attributes?: {
                [key: string]: string | number | boolean | (null) | string[];
            };
        };
        PersonalExport: {
            /** Format: date-time */
            exportedAt: string;
            /** @description By kind: person, subscriptions, mails, orders, consents … */
            data: {
                [key: string]: unknown;
            };
        };
        AudienceReport: {
            smallestGroup: number;
            lists: {
                list: string;
                name: string;
                /** Format: date */
                asOf: string | null;
                /** @description Null where fewer than 10 read the list. */
                published: {
                    /** @description Confirmed subscriptions, rounded down to tens. */
                    subscriptions: number;
                    languages: components["schemas"]["AudienceTable"];
                    sources: components["schemas"]["AudienceTable"];
                    /** @description By the month of the confirmation, YYYY-MM. */
                    months: components["schemas"]["AudienceTable"];
                } | null;
            }[];
            /** @description Sums of what is published above. Who reads two lists counts twice. */
            all: {
                /** @description Confirmed subscriptions, rounded down to tens. */
                subscriptions: number;
                languages: components["schemas"]["AudienceTable"];
                sources: components["schemas"]["AudienceTable"];
                /** @description By the month of the confirmation, YYYY-MM. */
                months: components["schemas"]["AudienceTable"];
            };
        };
        AudienceTable: {
            groups: {
                key: string;
                count: number;
            }[];
            /** @description All smaller groups together; 0 where there is none. */
            other: number;
        };
        RetentionReport: {
            data: {
                kind: string;
                days: number;
                /** @description What goes, and what stays. */
                describe: string;
                /** @description How many records the next run takes. */
                pastTheirTime: number;
                lastRun: {
                    /** Format: date-time */
                    at: string;
                    removed: number;
                } | null;
            }[];
        };
        NewPrivacyPolicy: {
            /** @description A name of your own; a running number when left out. */
            version?: string;
            /**
             * Format: date
             * @description The day that the policy itself names.
             */
            revisedOn: string;
            /** @description Markdown by language: `{"en": "…", "de": "…"}`. Raw HTML in it is shown as text. */
            body: {
                [key: string]: string;
            };
        };
        PrivacyPolicy: {
            version: string;
            /** Format: date */
            revisedOn: string;
            /** Format: date-time */
            publishedAt: string;
            current: boolean;
            locales: string[];
            /** Format: uri */
            url: string;
            body: {
                [key: string]: string;
            };
        };
        PrivacyPolicyList: {
            data: components["schemas"]["PrivacyPolicyHead"][];
        };
        PrivacyPolicyHead: {
            version: string;
            /** Format: date */
            revisedOn: string;
            /** Format: date-time */
            publishedAt: string;
            current: boolean;
            locales: string[];
            /** Format: uri */
            url: string;
        };
        PolicyAnnouncementRequest: {
            /** @description `subscribers`: whoever receives news of any list; `lists`: of these; `everyone`: customers and people who have left too. */
            audience: ("subscribers" | "everyone") | {
                lists: string[];
            };
            /**
             * @description `asked`: the mail has a button to a page where the person agrees. Silence is never taken for agreement.
             * @default none
             * @enum {string}
             */
            acceptance?: "none" | "asked";
            /** @description A few words of your own about what changes, as plain text by language. */
            message?: {
                [key: string]: string;
            };
            /** @description Slug of a sender; the first one when left out. */
            sender?: string;
        };
        PolicyAnnouncement: {
            /** Format: uuid */
            id: string;
            version: string;
            /** @enum {string} */
            state: "sending" | "paused" | "cancelled" | "finished";
            pauseReason: string | null;
            audience: ("subscribers" | "everyone") | {
                lists: string[];
            };
            /** @enum {string} */
            acceptance: "none" | "asked";
            /** Format: date-time */
            createdAt: string;
            /** @description Whether everybody of the audience is counted yet. */
            complete: boolean;
            /** @description `recipients` is always the sum of the others. */
            counts: {
                recipients: number;
                queued: number;
                sending: number;
                deferred: number;
                sent: number;
                failed: number;
                skipped: number;
                unknown: number;
            };
            /** @description People who agreed to this version, through this mail or elsewhere. */
            accepted: number;
        };
        ConsentProof: {
            person: {
                /** Format: uuid */
                id: string;
                address: string | null;
                name: string | null;
            };
            /** Format: date-time */
            madeAt: string;
            /** @description Whether every entry is as it was written. */
            isIntact: boolean;
            entries: {
                id: number;
                /** Format: date-time */
                at: string;
                /** @enum {string} */
                act: "asked" | "confirmed" | "changed" | "left" | "imported" | "revived" | "erased";
                list: {
                    slug: string;
                    name: string;
                } | null;
                /** @description The exact words that the person saw. */
                text: string | null;
                textVersion: string | null;
                policyVersion: string | null;
                source: string | null;
                /** @description Truncated to a /24 or /48. */
                ip: string | null;
                client: string | null;
                /** @description The mail that carried the link. */
                mail: {
                    id: string;
                    subject: string | null;
                    /** Format: date-time */
                    sentAt: string | null;
                } | null;
                isIntact: boolean;
                /** @description The number of the seal that covers it; null for some seconds after it was written. */
                seal: number | null;
            }[];
        };
        SuppressionImport: {
            dryRun: boolean;
            rows: number;
            added: number;
            /** @description Active already, twice in the file, or released in it. */
            known: number;
            invalid: number;
            /** @description The first 1,000. */
            errors: {
                line: number;
                field: string;
                message: string;
            }[];
        };
        SuppressionScoreQuery: {
            address: string;
        };
        SuppressionScore: {
            address: string;
            /** @description Soft bounces; each counts half after SOFT_BOUNCE_HALF_LIFE_DAYS. */
            score: number;
            /** @description News stops at this score. */
            limit: number;
            /** @description Of those that hold the one that tells most. */
            suppression: {
                /** Format: uuid */
                id: string;
                /** @enum {string} */
                scope: "all" | "news" | "list";
                /** @enum {string} */
                reason: "hard_bounce" | "manual" | "imported" | "complaint" | "soft_bounces";
                evidence: string | null;
            } | null;
            /** @description The newest first, at most 50. */
            reports: {
                /** Format: date-time */
                at: string;
                source: string;
                /** @enum {string} */
                kind: "bounced" | "complained" | "unsubscribed";
                reason: string;
                hard: boolean;
                status: string | null;
                reply: string | null;
                weight: number;
            }[];
        };
        NewSuppression: {
            address: string;
            /**
             * @description "all" stops order mail too, "news" all news, "list" the news of one list.
             * @default all
             * @enum {string}
             */
            scope?: "all" | "news" | "list";
            /** @description Slug of the list; only with the scope "list". */
            list?: string;
            /**
             * @default manual
             * @enum {string}
             */
            reason?: "manual";
            evidence?: string;
        };
        Suppression: {
            /** Format: uuid */
            id: string;
            address: string;
            /** @enum {string} */
            scope: "all" | "news" | "list";
            list: string | null;
            /** @enum {string} */
            reason: "hard_bounce" | "soft_bounces" | "complaint" | "manual" | "imported";
            evidence: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            releasedAt: string | null;
            releaseNote: string | null;
        };
        SuppressionSearch: {
            /** @default 20 */
            limit?: number;
            /** Format: uuid */
            after?: string;
            address?: string;
            /** @enum {string} */
            scope?: "all" | "news" | "list";
            /** @description Slug of the list; only with the scope "list". */
            list?: string;
            /** @enum {string} */
            reason?: "hard_bounce" | "soft_bounces" | "complaint" | "manual" | "imported";
            /** @description Those that hold now, or those that were released. */
            active?: boolean;
        };
        SuppressionPage: {
            data: components["schemas"]["Suppression"][];
            hasMore: boolean;
        };
        SuppressionRelease: {
            /** @description Why it is lifted, for whoever asks later. */
            note: string;
        };
        DeliverabilityReport: {
            /**
             * Format: date
             * @description Of the hand-over, in UTC.
             */
            from: string;
            /**
             * Format: date
             * @description Of the hand-over, in UTC.
             */
            to: string;
            /**
             * Format: date-time
             * @description What happened some seconds before is counted; null: nothing is counted yet.
             */
            countedAt: string | null;
            total: components["schemas"]["DeliverabilityLine"];
            /** @description By the day of the hand-over: what comes back later counts there. */
            days: {
                /**
                 * Format: date
                 * @description Of the hand-over, in UTC.
                 */
                day: string;
                /** @description The relay took them. */
                sent: number;
                /** @description Sent, and not come back so far. */
                delivered: number;
                /** @description Of them, those that a provider says it delivered. 0 where nobody reports it. */
                confirmed: number;
                /** @description Tries that were put off, on the day of the try. */
                deferred: number;
                /** @description Refused or returned for good: no such address. */
                hard: number;
                /** @description Refused or returned: mailbox full, switched off, in trouble, tried until the time was over. */
                soft: number;
                /** @description Refused or returned because of the sender or the content: reputation, authentication, policy, spam. */
                blocked: number;
                /** @description Marked as spam, as far as providers tell. */
                complaints: number;
                /** @description Complaints as a share of what was delivered to domains that tell; null: no data, and `noComplaintData` says why. */
                complaintRate: number | null;
                /**
                 * @description Against the lines of Gmail and Yahoo: stay below 0.1 %; from 0.3 % on mail goes to spam.
                 * @enum {string|null}
                 */
                complaintLevel: "below" | "above_aim" | "above_limit" | null;
                /**
                 * @description provider_sends_none: Gmail and Apple tell nobody. none_ever_heard: no complaint ever came from there; perhaps nobody is registered for its feedback loop.
                 * @enum {string|null}
                 */
                noComplaintData: "provider_sends_none" | "none_ever_heard" | "nothing_delivered" | null;
            }[];
            /** @description The largest first. */
            campaigns: {
                /**
                 * Format: uuid
                 * @description null: single mails of the stream.
                 */
                campaignId: string | null;
                /** @enum {string} */
                stream: "orders" | "service" | "news";
                /** @description The relay took them. */
                sent: number;
                /** @description Sent, and not come back so far. */
                delivered: number;
                /** @description Of them, those that a provider says it delivered. 0 where nobody reports it. */
                confirmed: number;
                /** @description Tries that were put off, on the day of the try. */
                deferred: number;
                /** @description Refused or returned for good: no such address. */
                hard: number;
                /** @description Refused or returned: mailbox full, switched off, in trouble, tried until the time was over. */
                soft: number;
                /** @description Refused or returned because of the sender or the content: reputation, authentication, policy, spam. */
                blocked: number;
                /** @description Marked as spam, as far as providers tell. */
                complaints: number;
                /** @description Complaints as a share of what was delivered to domains that tell; null: no data, and `noComplaintData` says why. */
                complaintRate: number | null;
                /**
                 * @description Against the lines of Gmail and Yahoo: stay below 0.1 %; from 0.3 % on mail goes to spam.
                 * @enum {string|null}
                 */
                complaintLevel: "below" | "above_aim" | "above_limit" | null;
                /**
                 * @description provider_sends_none: Gmail and Apple tell nobody. none_ever_heard: no complaint ever came from there; perhaps nobody is registered for its feedback loop.
                 * @enum {string|null}
                 */
                noComplaintData: "provider_sends_none" | "none_ever_heard" | "nothing_delivered" | null;
            }[];
            /** @description How many there are in all. */
            campaignCount: number;
            /** @description The largest first. */
            domains: {
                domain: string;
                /** @description The relay took them. */
                sent: number;
                /** @description Sent, and not come back so far. */
                delivered: number;
                /** @description Of them, those that a provider says it delivered. 0 where nobody reports it. */
                confirmed: number;
                /** @description Tries that were put off, on the day of the try. */
                deferred: number;
                /** @description Refused or returned for good: no such address. */
                hard: number;
                /** @description Refused or returned: mailbox full, switched off, in trouble, tried until the time was over. */
                soft: number;
                /** @description Refused or returned because of the sender or the content: reputation, authentication, policy, spam. */
                blocked: number;
                /** @description Marked as spam, as far as providers tell. */
                complaints: number;
                /** @description Complaints as a share of what was delivered to domains that tell; null: no data, and `noComplaintData` says why. */
                complaintRate: number | null;
                /**
                 * @description Against the lines of Gmail and Yahoo: stay below 0.1 %; from 0.3 % on mail goes to spam.
                 * @enum {string|null}
                 */
                complaintLevel: "below" | "above_aim" | "above_limit" | null;
                /**
                 * @description provider_sends_none: Gmail and Apple tell nobody. none_ever_heard: no complaint ever came from there; perhaps nobody is registered for its feedback loop.
                 * @enum {string|null}
                 */
                noComplaintData: "provider_sends_none" | "none_ever_heard" | "nothing_delivered" | null;
            }[];
            /** @description How many there are in all. */
            domainCount: number;
        };
        DeliverabilityLine: {
            /** @description The relay took them. */
            sent: number;
            /** @description Sent, and not come back so far. */
            delivered: number;
            /** @description Of them, those that a provider says it delivered. 0 where nobody reports it. */
            confirmed: number;
            /** @description Tries that were put off, on the day of the try. */
            deferred: number;
            /** @description Refused or returned for good: no such address. */
            hard: number;
            /** @description Refused or returned: mailbox full, switched off, in trouble, tried until the time was over. */
            soft: number;
            /** @description Refused or returned because of the sender or the content: reputation, authentication, policy, spam. */
            blocked: number;
            /** @description Marked as spam, as far as providers tell. */
            complaints: number;
            /** @description Complaints as a share of what was delivered to domains that tell; null: no data, and `noComplaintData` says why. */
            complaintRate: number | null;
            /**
             * @description Against the lines of Gmail and Yahoo: stay below 0.1 %; from 0.3 % on mail goes to spam.
             * @enum {string|null}
             */
            complaintLevel: "below" | "above_aim" | "above_limit" | null;
            /**
             * @description provider_sends_none: Gmail and Apple tell nobody. none_ever_heard: no complaint ever came from there; perhaps nobody is registered for its feedback loop.
             * @enum {string|null}
             */
            noComplaintData: "provider_sends_none" | "none_ever_heard" | "nothing_delivered" | null;
        };
        SuppressionEvidence: {
            /** Format: uuid */
            id: string;
            address: string;
            /** @enum {string} */
            scope: "all" | "news" | "list";
            /** Format: uuid */
            listId: string | null;
            /** @enum {string} */
            reason: "hard_bounce" | "manual" | "imported" | "complaint" | "soft_bounces";
            /** @description What it was added for: source, reason, and the words of the server or a note. */
            evidence: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            releasedAt: string | null;
            releaseNote: string | null;
            /** @description What counts against the address now; each soft bounce counts half after every half-life. */
            softBounces: {
                score: number;
                limit: number;
            };
            /** @description What was told of the address, the newest first. */
            reports: {
                /** Format: date-time */
                at: string;
                /** @description smtp: our own dialogue with the relay; dsn, arf: a report by mail; or the provider. */
                source: string;
                /** @enum {string} */
                kind: "bounced" | "complained" | "unsubscribed";
                reason: string;
                hard: boolean;
                /** @description RFC 3463, such as 5.1.1. */
                status: string | null;
                /** @description The server's words. */
                reply: string | null;
            }[];
        };
        OrderEvent: components["schemas"]["OrderPlaced"] | components["schemas"]["OrderPaid"] | components["schemas"]["OrderPaymentFailed"] | components["schemas"]["OrderProcessing"] | components["schemas"]["OrderOnHold"] | components["schemas"]["OrderBackordered"] | components["schemas"]["OrderPartiallyShipped"] | components["schemas"]["OrderShipped"] | components["schemas"]["OrderOutForDelivery"] | components["schemas"]["OrderDelivered"] | components["schemas"]["OrderFulfilled"] | components["schemas"]["OrderCancelled"] | components["schemas"]["OrderPartiallyRefunded"] | components["schemas"]["OrderRefunded"];
        OrderPlaced: {
            /** @enum {string} */
            type: "order.placed";
            /** @description The event is taken once, however often it is sent. */
            id: string;
            /** Format: date-time */
            occurredAt: string;
            /**
             * @description Order ids are unique within it. Leave it out where there is one shop.
             * @default default
             */
            shop?: string;
            order: {
                id: string;
                /** @description As the customer knows it. */
                number: string;
                currency: string;
                items: ({
                    name: string;
                    quantity: number;
                    /** @description May be finer than the currency, up to six digits. */
                    unitPrice?: (string | number) | null;
                    /** @description The same as `unitPrice`. */
                    price?: (string | number) | null;
                    /** @description A decimal string; a number where it is exact with the digits of the currency. */
                    total?: (string | number) | null;
                    sku?: string | null;
                    /** Format: uri */
                    imageUrl?: string | null;
                    /** Format: uri */
                    url?: string | null;
                    description?: string | null;
                } & {
                    [key: string]: unknown;
                })[];
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                total: string | number;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                subtotal?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                shipping?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                tax?: (string | number) | null;
                /** @description Shown as a reduction, whatever its sign. */
                discount?: (string | number) | null;
                /** @description What else was charged: payment fees, a tip; negative for a gift card. */
                fees?: (string | number) | null;
                /**
                 * Format: uri
                 * @description Where the customer sees the order.
                 */
                url?: string | null;
                /** Format: date-time */
                placedAt?: string | null;
                shippingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                billingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                note?: string | null;
            } & {
                [key: string]: unknown;
            };
            customer: {
                email: string;
                name?: string | null;
                /** @description Language of the mail. */
                locale?: string | null;
            };
            /** @description Goes with the mail as a file, at most 10 MB. */
            invoice?: components["schemas"]["AttachedFile"];
        };
        AttachedFile: {
            /** @description Shown, and saved under; folders and control characters are taken out of it. */
            filename: string;
            /** @description Base64. */
            content: string;
            /** @description Default: by the ending of the name. */
            contentType?: string;
        };
        OrderPaid: {
            /** @enum {string} */
            type: "order.paid";
            /** @description The event is taken once, however often it is sent. */
            id: string;
            /** Format: date-time */
            occurredAt: string;
            /**
             * @description Order ids are unique within it. Leave it out where there is one shop.
             * @default default
             */
            shop?: string;
            order: {
                id: string;
                /** @description As the customer knows it. */
                number: string;
                currency: string;
                items: ({
                    name: string;
                    quantity: number;
                    /** @description May be finer than the currency, up to six digits. */
                    unitPrice?: (string | number) | null;
                    /** @description The same as `unitPrice`. */
                    price?: (string | number) | null;
                    /** @description A decimal string; a number where it is exact with the digits of the currency. */
                    total?: (string | number) | null;
                    sku?: string | null;
                    /** Format: uri */
                    imageUrl?: string | null;
                    /** Format: uri */
                    url?: string | null;
                    description?: string | null;
                } & {
                    [key: string]: unknown;
                })[];
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                total: string | number;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                subtotal?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                shipping?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                tax?: (string | number) | null;
                /** @description Shown as a reduction, whatever its sign. */
                discount?: (string | number) | null;
                /** @description What else was charged: payment fees, a tip; negative for a gift card. */
                fees?: (string | number) | null;
                /**
                 * Format: uri
                 * @description Where the customer sees the order.
                 */
                url?: string | null;
                /** Format: date-time */
                placedAt?: string | null;
                shippingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                billingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                note?: string | null;
            } & {
                [key: string]: unknown;
            };
            customer: {
                email: string;
                name?: string | null;
                /** @description Language of the mail. */
                locale?: string | null;
            };
            payment?: {
                id?: string | null;
                /** @description The order’s total when left out. */
                amount?: (string | number) | null;
                /** @description As the customer knows it: "Visa ending in 4242". */
                method?: string | null;
                /** Format: uri */
                receiptUrl?: string | null;
                /**
                 * Format: uri
                 * @description Where the customer pays again.
                 */
                retryUrl?: string | null;
                /** @description Why the payment failed, in words for the customer. */
                reason?: string | null;
            } & {
                [key: string]: unknown;
            };
            /** @description Goes with the mail as a file, at most 10 MB. */
            invoice?: components["schemas"]["AttachedFile"];
        };
        OrderPaymentFailed: {
            /** @enum {string} */
            type: "order.payment_failed";
            /** @description The event is taken once, however often it is sent. */
            id: string;
            /** Format: date-time */
            occurredAt: string;
            /**
             * @description Order ids are unique within it. Leave it out where there is one shop.
             * @default default
             */
            shop?: string;
            order: {
                id: string;
                /** @description As the customer knows it. */
                number: string;
                currency: string;
                items: ({
                    name: string;
                    quantity: number;
                    /** @description May be finer than the currency, up to six digits. */
                    unitPrice?: (string | number) | null;
                    /** @description The same as `unitPrice`. */
                    price?: (string | number) | null;
                    /** @description A decimal string; a number where it is exact with the digits of the currency. */
                    total?: (string | number) | null;
                    sku?: string | null;
                    /** Format: uri */
                    imageUrl?: string | null;
                    /** Format: uri */
                    url?: string | null;
                    description?: string | null;
                } & {
                    [key: string]: unknown;
                })[];
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                total: string | number;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                subtotal?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                shipping?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                tax?: (string | number) | null;
                /** @description Shown as a reduction, whatever its sign. */
                discount?: (string | number) | null;
                /** @description What else was charged: payment fees, a tip; negative for a gift card. */
                fees?: (string | number) | null;
                /**
                 * Format: uri
                 * @description Where the customer sees the order.
                 */
                url?: string | null;
                /** Format: date-time */
                placedAt?: string | null;
                shippingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                billingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                note?: string | null;
            } & {
                [key: string]: unknown;
            };
            customer: {
                email: string;
                name?: string | null;
                /** @description Language of the mail. */
                locale?: string | null;
            };
            payment?: {
                id?: string | null;
                /** @description The order’s total when left out. */
                amount?: (string | number) | null;
                /** @description As the customer knows it: "Visa ending in 4242". */
                method?: string | null;
                /** Format: uri */
                receiptUrl?: string | null;
                /**
                 * Format: uri
                 * @description Where the customer pays again.
                 */
                retryUrl?: string | null;
                /** @description Why the payment failed, in words for the customer. */
                reason?: string | null;
            } & {
                [key: string]: unknown;
            };
        };
        OrderProcessing: {
            /** @enum {string} */
            type: "order.processing";
            /** @description The event is taken once, however often it is sent. */
            id: string;
            /** Format: date-time */
            occurredAt: string;
            /**
             * @description Order ids are unique within it. Leave it out where there is one shop.
             * @default default
             */
            shop?: string;
            order: {
                id: string;
                /** @description As the customer knows it. */
                number: string;
                currency: string;
                items: ({
                    name: string;
                    quantity: number;
                    /** @description May be finer than the currency, up to six digits. */
                    unitPrice?: (string | number) | null;
                    /** @description The same as `unitPrice`. */
                    price?: (string | number) | null;
                    /** @description A decimal string; a number where it is exact with the digits of the currency. */
                    total?: (string | number) | null;
                    sku?: string | null;
                    /** Format: uri */
                    imageUrl?: string | null;
                    /** Format: uri */
                    url?: string | null;
                    description?: string | null;
                } & {
                    [key: string]: unknown;
                })[];
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                total: string | number;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                subtotal?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                shipping?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                tax?: (string | number) | null;
                /** @description Shown as a reduction, whatever its sign. */
                discount?: (string | number) | null;
                /** @description What else was charged: payment fees, a tip; negative for a gift card. */
                fees?: (string | number) | null;
                /**
                 * Format: uri
                 * @description Where the customer sees the order.
                 */
                url?: string | null;
                /** Format: date-time */
                placedAt?: string | null;
                shippingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                billingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                note?: string | null;
            } & {
                [key: string]: unknown;
            };
            customer: {
                email: string;
                name?: string | null;
                /** @description Language of the mail. */
                locale?: string | null;
            };
        };
        OrderOnHold: {
            /** @enum {string} */
            type: "order.on_hold";
            /** @description The event is taken once, however often it is sent. */
            id: string;
            /** Format: date-time */
            occurredAt: string;
            /**
             * @description Order ids are unique within it. Leave it out where there is one shop.
             * @default default
             */
            shop?: string;
            order: {
                id: string;
                /** @description As the customer knows it. */
                number: string;
                currency: string;
                items: ({
                    name: string;
                    quantity: number;
                    /** @description May be finer than the currency, up to six digits. */
                    unitPrice?: (string | number) | null;
                    /** @description The same as `unitPrice`. */
                    price?: (string | number) | null;
                    /** @description A decimal string; a number where it is exact with the digits of the currency. */
                    total?: (string | number) | null;
                    sku?: string | null;
                    /** Format: uri */
                    imageUrl?: string | null;
                    /** Format: uri */
                    url?: string | null;
                    description?: string | null;
                } & {
                    [key: string]: unknown;
                })[];
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                total: string | number;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                subtotal?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                shipping?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                tax?: (string | number) | null;
                /** @description Shown as a reduction, whatever its sign. */
                discount?: (string | number) | null;
                /** @description What else was charged: payment fees, a tip; negative for a gift card. */
                fees?: (string | number) | null;
                /**
                 * Format: uri
                 * @description Where the customer sees the order.
                 */
                url?: string | null;
                /** Format: date-time */
                placedAt?: string | null;
                shippingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                billingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                note?: string | null;
            } & {
                [key: string]: unknown;
            };
            customer: {
                email: string;
                name?: string | null;
                /** @description Language of the mail. */
                locale?: string | null;
            };
            hold?: {
                reason?: string | null;
                /**
                 * Format: uri
                 * @description Where the customer can put it right.
                 */
                actionUrl?: string | null;
                until?: (string) | null;
            } & {
                [key: string]: unknown;
            };
        };
        OrderBackordered: {
            /** @enum {string} */
            type: "order.backordered";
            /** @description The event is taken once, however often it is sent. */
            id: string;
            /** Format: date-time */
            occurredAt: string;
            /**
             * @description Order ids are unique within it. Leave it out where there is one shop.
             * @default default
             */
            shop?: string;
            order: {
                id: string;
                /** @description As the customer knows it. */
                number: string;
                currency: string;
                items: ({
                    name: string;
                    quantity: number;
                    /** @description May be finer than the currency, up to six digits. */
                    unitPrice?: (string | number) | null;
                    /** @description The same as `unitPrice`. */
                    price?: (string | number) | null;
                    /** @description A decimal string; a number where it is exact with the digits of the currency. */
                    total?: (string | number) | null;
                    sku?: string | null;
                    /** Format: uri */
                    imageUrl?: string | null;
                    /** Format: uri */
                    url?: string | null;
                    description?: string | null;
                } & {
                    [key: string]: unknown;
                })[];
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                total: string | number;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                subtotal?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                shipping?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                tax?: (string | number) | null;
                /** @description Shown as a reduction, whatever its sign. */
                discount?: (string | number) | null;
                /** @description What else was charged: payment fees, a tip; negative for a gift card. */
                fees?: (string | number) | null;
                /**
                 * Format: uri
                 * @description Where the customer sees the order.
                 */
                url?: string | null;
                /** Format: date-time */
                placedAt?: string | null;
                shippingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                billingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                note?: string | null;
            } & {
                [key: string]: unknown;
            };
            customer: {
                email: string;
                name?: string | null;
                /** @description Language of the mail. */
                locale?: string | null;
            };
            backorder?: {
                /** @description What is not there yet; the whole order when left out. */
                items?: ({
                    name: string;
                    quantity: number;
                } & {
                    [key: string]: unknown;
                })[] | null;
                expectedAt?: (string) | null;
                /** Format: uri */
                cancelUrl?: string | null;
            } & {
                [key: string]: unknown;
            };
        };
        OrderPartiallyShipped: {
            /** @enum {string} */
            type: "order.partially_shipped";
            /** @description The event is taken once, however often it is sent. */
            id: string;
            /** Format: date-time */
            occurredAt: string;
            /**
             * @description Order ids are unique within it. Leave it out where there is one shop.
             * @default default
             */
            shop?: string;
            order: {
                id: string;
                /** @description As the customer knows it. */
                number: string;
                currency: string;
                items: ({
                    name: string;
                    quantity: number;
                    /** @description May be finer than the currency, up to six digits. */
                    unitPrice?: (string | number) | null;
                    /** @description The same as `unitPrice`. */
                    price?: (string | number) | null;
                    /** @description A decimal string; a number where it is exact with the digits of the currency. */
                    total?: (string | number) | null;
                    sku?: string | null;
                    /** Format: uri */
                    imageUrl?: string | null;
                    /** Format: uri */
                    url?: string | null;
                    description?: string | null;
                } & {
                    [key: string]: unknown;
                })[];
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                total: string | number;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                subtotal?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                shipping?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                tax?: (string | number) | null;
                /** @description Shown as a reduction, whatever its sign. */
                discount?: (string | number) | null;
                /** @description What else was charged: payment fees, a tip; negative for a gift card. */
                fees?: (string | number) | null;
                /**
                 * Format: uri
                 * @description Where the customer sees the order.
                 */
                url?: string | null;
                /** Format: date-time */
                placedAt?: string | null;
                shippingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                billingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                note?: string | null;
            } & {
                [key: string]: unknown;
            };
            customer: {
                email: string;
                name?: string | null;
                /** @description Language of the mail. */
                locale?: string | null;
            };
            shipment: {
                /** @description Tells the parts of one order apart: one mail for each. */
                id: string;
                carrier?: string | null;
                trackingNumber?: string | null;
                /** Format: uri */
                trackingUrl?: string | null;
                estimatedDelivery?: (string) | null;
                deliveredAt?: (string) | null;
                /** @description Where the parcel was left: "at the front door". */
                leftAt?: string | null;
                /** @description What is in the parcel; the whole order when left out. */
                items?: ({
                    name: string;
                    quantity: number;
                } & {
                    [key: string]: unknown;
                })[] | null;
            } & {
                [key: string]: unknown;
            };
        };
        OrderShipped: {
            /** @enum {string} */
            type: "order.shipped";
            /** @description The event is taken once, however often it is sent. */
            id: string;
            /** Format: date-time */
            occurredAt: string;
            /**
             * @description Order ids are unique within it. Leave it out where there is one shop.
             * @default default
             */
            shop?: string;
            order: {
                id: string;
                /** @description As the customer knows it. */
                number: string;
                currency: string;
                items: ({
                    name: string;
                    quantity: number;
                    /** @description May be finer than the currency, up to six digits. */
                    unitPrice?: (string | number) | null;
                    /** @description The same as `unitPrice`. */
                    price?: (string | number) | null;
                    /** @description A decimal string; a number where it is exact with the digits of the currency. */
                    total?: (string | number) | null;
                    sku?: string | null;
                    /** Format: uri */
                    imageUrl?: string | null;
                    /** Format: uri */
                    url?: string | null;
                    description?: string | null;
                } & {
                    [key: string]: unknown;
                })[];
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                total: string | number;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                subtotal?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                shipping?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                tax?: (string | number) | null;
                /** @description Shown as a reduction, whatever its sign. */
                discount?: (string | number) | null;
                /** @description What else was charged: payment fees, a tip; negative for a gift card. */
                fees?: (string | number) | null;
                /**
                 * Format: uri
                 * @description Where the customer sees the order.
                 */
                url?: string | null;
                /** Format: date-time */
                placedAt?: string | null;
                shippingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                billingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                note?: string | null;
            } & {
                [key: string]: unknown;
            };
            customer: {
                email: string;
                name?: string | null;
                /** @description Language of the mail. */
                locale?: string | null;
            };
            shipment?: {
                /** @description Tells the shipments of one order apart: one mail for each. */
                id?: string | null;
                carrier?: string | null;
                trackingNumber?: string | null;
                /** Format: uri */
                trackingUrl?: string | null;
                estimatedDelivery?: (string) | null;
                deliveredAt?: (string) | null;
                /** @description Where the parcel was left: "at the front door". */
                leftAt?: string | null;
                /** @description What is in the parcel; the whole order when left out. */
                items?: ({
                    name: string;
                    quantity: number;
                } & {
                    [key: string]: unknown;
                })[] | null;
            } & {
                [key: string]: unknown;
            };
            /** @description Goes with the mail as a file, at most 10 MB. */
            invoice?: components["schemas"]["AttachedFile"];
        };
        OrderOutForDelivery: {
            /** @enum {string} */
            type: "order.out_for_delivery";
            /** @description The event is taken once, however often it is sent. */
            id: string;
            /** Format: date-time */
            occurredAt: string;
            /**
             * @description Order ids are unique within it. Leave it out where there is one shop.
             * @default default
             */
            shop?: string;
            order: {
                id: string;
                /** @description As the customer knows it. */
                number: string;
                currency: string;
                items: ({
                    name: string;
                    quantity: number;
                    /** @description May be finer than the currency, up to six digits. */
                    unitPrice?: (string | number) | null;
                    /** @description The same as `unitPrice`. */
                    price?: (string | number) | null;
                    /** @description A decimal string; a number where it is exact with the digits of the currency. */
                    total?: (string | number) | null;
                    sku?: string | null;
                    /** Format: uri */
                    imageUrl?: string | null;
                    /** Format: uri */
                    url?: string | null;
                    description?: string | null;
                } & {
                    [key: string]: unknown;
                })[];
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                total: string | number;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                subtotal?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                shipping?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                tax?: (string | number) | null;
                /** @description Shown as a reduction, whatever its sign. */
                discount?: (string | number) | null;
                /** @description What else was charged: payment fees, a tip; negative for a gift card. */
                fees?: (string | number) | null;
                /**
                 * Format: uri
                 * @description Where the customer sees the order.
                 */
                url?: string | null;
                /** Format: date-time */
                placedAt?: string | null;
                shippingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                billingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                note?: string | null;
            } & {
                [key: string]: unknown;
            };
            customer: {
                email: string;
                name?: string | null;
                /** @description Language of the mail. */
                locale?: string | null;
            };
            shipment?: {
                /** @description Tells the shipments of one order apart: one mail for each. */
                id?: string | null;
                carrier?: string | null;
                trackingNumber?: string | null;
                /** Format: uri */
                trackingUrl?: string | null;
                estimatedDelivery?: (string) | null;
                deliveredAt?: (string) | null;
                /** @description Where the parcel was left: "at the front door". */
                leftAt?: string | null;
                /** @description What is in the parcel; the whole order when left out. */
                items?: ({
                    name: string;
                    quantity: number;
                } & {
                    [key: string]: unknown;
                })[] | null;
            } & {
                [key: string]: unknown;
            };
        };
        OrderDelivered: {
            /** @enum {string} */
            type: "order.delivered";
            /** @description The event is taken once, however often it is sent. */
            id: string;
            /** Format: date-time */
            occurredAt: string;
            /**
             * @description Order ids are unique within it. Leave it out where there is one shop.
             * @default default
             */
            shop?: string;
            order: {
                id: string;
                /** @description As the customer knows it. */
                number: string;
                currency: string;
                items: ({
                    name: string;
                    quantity: number;
                    /** @description May be finer than the currency, up to six digits. */
                    unitPrice?: (string | number) | null;
                    /** @description The same as `unitPrice`. */
                    price?: (string | number) | null;
                    /** @description A decimal string; a number where it is exact with the digits of the currency. */
                    total?: (string | number) | null;
                    sku?: string | null;
                    /** Format: uri */
                    imageUrl?: string | null;
                    /** Format: uri */
                    url?: string | null;
                    description?: string | null;
                } & {
                    [key: string]: unknown;
                })[];
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                total: string | number;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                subtotal?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                shipping?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                tax?: (string | number) | null;
                /** @description Shown as a reduction, whatever its sign. */
                discount?: (string | number) | null;
                /** @description What else was charged: payment fees, a tip; negative for a gift card. */
                fees?: (string | number) | null;
                /**
                 * Format: uri
                 * @description Where the customer sees the order.
                 */
                url?: string | null;
                /** Format: date-time */
                placedAt?: string | null;
                shippingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                billingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                note?: string | null;
            } & {
                [key: string]: unknown;
            };
            customer: {
                email: string;
                name?: string | null;
                /** @description Language of the mail. */
                locale?: string | null;
            };
            shipment?: {
                /** @description Tells the shipments of one order apart: one mail for each. */
                id?: string | null;
                carrier?: string | null;
                trackingNumber?: string | null;
                /** Format: uri */
                trackingUrl?: string | null;
                estimatedDelivery?: (string) | null;
                deliveredAt?: (string) | null;
                /** @description Where the parcel was left: "at the front door". */
                leftAt?: string | null;
                /** @description What is in the parcel; the whole order when left out. */
                items?: ({
                    name: string;
                    quantity: number;
                } & {
                    [key: string]: unknown;
                })[] | null;
            } & {
                [key: string]: unknown;
            };
        };
        OrderFulfilled: {
            /** @enum {string} */
            type: "order.fulfilled";
            /** @description The event is taken once, however often it is sent. */
            id: string;
            /** Format: date-time */
            occurredAt: string;
            /**
             * @description Order ids are unique within it. Leave it out where there is one shop.
             * @default default
             */
            shop?: string;
            order: {
                id: string;
                /** @description As the customer knows it. */
                number: string;
                currency: string;
                items: ({
                    name: string;
                    quantity: number;
                    /** @description May be finer than the currency, up to six digits. */
                    unitPrice?: (string | number) | null;
                    /** @description The same as `unitPrice`. */
                    price?: (string | number) | null;
                    /** @description A decimal string; a number where it is exact with the digits of the currency. */
                    total?: (string | number) | null;
                    sku?: string | null;
                    /** Format: uri */
                    imageUrl?: string | null;
                    /** Format: uri */
                    url?: string | null;
                    description?: string | null;
                } & {
                    [key: string]: unknown;
                })[];
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                total: string | number;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                subtotal?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                shipping?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                tax?: (string | number) | null;
                /** @description Shown as a reduction, whatever its sign. */
                discount?: (string | number) | null;
                /** @description What else was charged: payment fees, a tip; negative for a gift card. */
                fees?: (string | number) | null;
                /**
                 * Format: uri
                 * @description Where the customer sees the order.
                 */
                url?: string | null;
                /** Format: date-time */
                placedAt?: string | null;
                shippingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                billingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                note?: string | null;
            } & {
                [key: string]: unknown;
            };
            customer: {
                email: string;
                name?: string | null;
                /** @description Language of the mail. */
                locale?: string | null;
            };
            fulfilment: {
                /**
                 * @description One for each licence: what it is for, and its key.
                 * @default []
                 */
                licences?: ({
                    name: string;
                    key: string;
                } & {
                    [key: string]: unknown;
                })[];
                /** @default [] */
                downloads?: ({
                    name: string;
                    /**
                     * Format: uri
                     * @description A link of the customer’s own.
                     */
                    url: string;
                    expiresAt?: (string) | null;
                    /** @description As the customer reads it: "48 MB". */
                    size?: string | null;
                } & {
                    [key: string]: unknown;
                })[];
                instructions?: string | null;
            } & {
                [key: string]: unknown;
            };
        };
        OrderCancelled: {
            /** @enum {string} */
            type: "order.cancelled";
            /** @description The event is taken once, however often it is sent. */
            id: string;
            /** Format: date-time */
            occurredAt: string;
            /**
             * @description Order ids are unique within it. Leave it out where there is one shop.
             * @default default
             */
            shop?: string;
            order: {
                id: string;
                /** @description As the customer knows it. */
                number: string;
                currency: string;
                items: ({
                    name: string;
                    quantity: number;
                    /** @description May be finer than the currency, up to six digits. */
                    unitPrice?: (string | number) | null;
                    /** @description The same as `unitPrice`. */
                    price?: (string | number) | null;
                    /** @description A decimal string; a number where it is exact with the digits of the currency. */
                    total?: (string | number) | null;
                    sku?: string | null;
                    /** Format: uri */
                    imageUrl?: string | null;
                    /** Format: uri */
                    url?: string | null;
                    description?: string | null;
                } & {
                    [key: string]: unknown;
                })[];
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                total: string | number;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                subtotal?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                shipping?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                tax?: (string | number) | null;
                /** @description Shown as a reduction, whatever its sign. */
                discount?: (string | number) | null;
                /** @description What else was charged: payment fees, a tip; negative for a gift card. */
                fees?: (string | number) | null;
                /**
                 * Format: uri
                 * @description Where the customer sees the order.
                 */
                url?: string | null;
                /** Format: date-time */
                placedAt?: string | null;
                shippingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                billingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                note?: string | null;
            } & {
                [key: string]: unknown;
            };
            customer: {
                email: string;
                name?: string | null;
                /** @description Language of the mail. */
                locale?: string | null;
            };
            cancellation?: {
                reason?: string | null;
                /**
                 * @description Whether money goes back; nothing is said of it when left out.
                 * @enum {string|null}
                 */
                refund?: "full" | "partial" | "none" | null;
            } & {
                [key: string]: unknown;
            };
        };
        OrderPartiallyRefunded: {
            /** @enum {string} */
            type: "order.partially_refunded";
            /** @description The event is taken once, however often it is sent. */
            id: string;
            /** Format: date-time */
            occurredAt: string;
            /**
             * @description Order ids are unique within it. Leave it out where there is one shop.
             * @default default
             */
            shop?: string;
            order: {
                id: string;
                /** @description As the customer knows it. */
                number: string;
                currency: string;
                items: ({
                    name: string;
                    quantity: number;
                    /** @description May be finer than the currency, up to six digits. */
                    unitPrice?: (string | number) | null;
                    /** @description The same as `unitPrice`. */
                    price?: (string | number) | null;
                    /** @description A decimal string; a number where it is exact with the digits of the currency. */
                    total?: (string | number) | null;
                    sku?: string | null;
                    /** Format: uri */
                    imageUrl?: string | null;
                    /** Format: uri */
                    url?: string | null;
                    description?: string | null;
                } & {
                    [key: string]: unknown;
                })[];
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                total: string | number;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                subtotal?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                shipping?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                tax?: (string | number) | null;
                /** @description Shown as a reduction, whatever its sign. */
                discount?: (string | number) | null;
                /** @description What else was charged: payment fees, a tip; negative for a gift card. */
                fees?: (string | number) | null;
                /**
                 * Format: uri
                 * @description Where the customer sees the order.
                 */
                url?: string | null;
                /** Format: date-time */
                placedAt?: string | null;
                shippingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                billingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                note?: string | null;
            } & {
                [key: string]: unknown;
            };
            customer: {
                email: string;
                name?: string | null;
                /** @description Language of the mail. */
                locale?: string | null;
            };
            refund: {
                /** @description Tells the parts of one order apart: one mail for each. */
                id: string;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                amount: string | number;
                /** @description Where the money goes: "Visa ending in 4242". */
                method?: string | null;
                arrivesBy?: (string) | null;
                reason?: string | null;
                items?: ({
                    name: string;
                    quantity: number;
                } & {
                    [key: string]: unknown;
                })[] | null;
            } & {
                [key: string]: unknown;
            };
        };
        OrderRefunded: {
            /** @enum {string} */
            type: "order.refunded";
            /** @description The event is taken once, however often it is sent. */
            id: string;
            /** Format: date-time */
            occurredAt: string;
            /**
             * @description Order ids are unique within it. Leave it out where there is one shop.
             * @default default
             */
            shop?: string;
            order: {
                id: string;
                /** @description As the customer knows it. */
                number: string;
                currency: string;
                items: ({
                    name: string;
                    quantity: number;
                    /** @description May be finer than the currency, up to six digits. */
                    unitPrice?: (string | number) | null;
                    /** @description The same as `unitPrice`. */
                    price?: (string | number) | null;
                    /** @description A decimal string; a number where it is exact with the digits of the currency. */
                    total?: (string | number) | null;
                    sku?: string | null;
                    /** Format: uri */
                    imageUrl?: string | null;
                    /** Format: uri */
                    url?: string | null;
                    description?: string | null;
                } & {
                    [key: string]: unknown;
                })[];
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                total: string | number;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                subtotal?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                shipping?: (string | number) | null;
                /** @description A decimal string; a number where it is exact with the digits of the currency. */
                tax?: (string | number) | null;
                /** @description Shown as a reduction, whatever its sign. */
                discount?: (string | number) | null;
                /** @description What else was charged: payment fees, a tip; negative for a gift card. */
                fees?: (string | number) | null;
                /**
                 * Format: uri
                 * @description Where the customer sees the order.
                 */
                url?: string | null;
                /** Format: date-time */
                placedAt?: string | null;
                shippingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                billingAddress?: (string | string[] | ({
                    name?: string | null;
                    company?: string | null;
                    line1?: string | null;
                    line2?: string | null;
                    city?: string | null;
                    state?: string | null;
                    postalCode?: string | null;
                    country?: string | null;
                } & {
                    [key: string]: unknown;
                })) | null;
                note?: string | null;
            } & {
                [key: string]: unknown;
            };
            customer: {
                email: string;
                name?: string | null;
                /** @description Language of the mail. */
                locale?: string | null;
            };
            refund?: {
                /** @description Tells the refunds of one order apart: one mail for each. */
                id?: string | null;
                /** @description The order’s total when left out. */
                amount?: (string | number) | null;
                /** @description Where the money goes: "Visa ending in 4242". */
                method?: string | null;
                arrivesBy?: (string) | null;
                reason?: string | null;
                items?: ({
                    name: string;
                    quantity: number;
                } & {
                    [key: string]: unknown;
                })[] | null;
            } & {
                [key: string]: unknown;
            };
            /** @description Goes with the mail as a file, at most 10 MB. */
            invoice?: components["schemas"]["AttachedFile"];
        };
        OrderEventAnswer: {
            /**
             * Format: uuid
             * @description The mail to the customer; null where nothing is to be sent.
             */
            emailId: string | null;
            /** @enum {string} */
            status: "queued" | "skipped";
            /**
             * @description late: the order is further than this event. duplicate: another event has sent this mail. cancelled, refunded: the order is over.
             * @enum {string}
             */
            reason?: "late" | "duplicate" | "cancelled" | "refunded";
        };
        /** @description 1 to 100 events, each as for POST /v1/order-events. */
        OrderEventBatch: {
            events: unknown[];
        };
        OrderEventBatchAnswer: {
            /** @description In the order of the request. */
            data: {
                /** @description What POST /v1/order-events would have answered. */
                statusCode: number;
                /**
                 * Format: uuid
                 * @description The mail to the customer; null where nothing is to be sent.
                 */
                emailId?: string | null;
                /** @enum {string} */
                status?: "queued" | "skipped";
                /**
                 * @description late: the order is further than this event. duplicate: another event has sent this mail. cancelled, refunded: the order is over.
                 * @enum {string}
                 */
                reason?: "late" | "duplicate" | "cancelled" | "refunded";
                error?: {
                    statusCode: number;
                    name: string;
                    message: string;
                    details: {
                        field: string;
                        message: string;
                    }[];
                };
            }[];
        };
        Order: {
            /** @description The shop’s own id of the order. */
            id: string;
            shop: string;
            number: string;
            state: string;
            /**
             * Format: uuid
             * @description The customer.
             */
            subscriberId: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            /** @description In the order in which they were received. */
            events: {
                id: string;
                /** @enum {string} */
                type: "order.placed" | "order.paid" | "order.payment_failed" | "order.processing" | "order.on_hold" | "order.backordered" | "order.partially_shipped" | "order.shipped" | "order.out_for_delivery" | "order.delivered" | "order.fulfilled" | "order.cancelled" | "order.partially_refunded" | "order.refunded";
                /** @description The channel that told it: "api", "stripe", "shopify". */
                source: string;
                /** @description The shipment or refund that it speaks of. */
                part: string | null;
                /** Format: date-time */
                occurredAt: string;
                /** Format: date-time */
                receivedAt: string;
                /** @enum {string} */
                status: "queued" | "skipped";
                /** @enum {string|null} */
                reason: "late" | "duplicate" | "cancelled" | "refunded" | null;
                /** @description Null where nothing was sent, and once the mail is past its retention. */
                email: {
                    /** Format: uuid */
                    id: string;
                    subject: string | null;
                    /** @enum {string} */
                    state: "queued" | "sending" | "deferred" | "sent" | "failed" | "skipped" | "unknown";
                    /** @description The server’s last words. */
                    reply: string | null;
                    /** Format: date-time */
                    createdAt: string;
                    /** Format: date-time */
                    settledAt: string | null;
                    /** @enum {string|null} */
                    outcome: "delivered" | "bounced" | "complained" | null;
                } | null;
                /** @description Mails that repeat it because somebody asked, oldest first. */
                resends: {
                    /** Format: uuid */
                    id: string;
                    subject: string | null;
                    /** @enum {string} */
                    state: "queued" | "sending" | "deferred" | "sent" | "failed" | "skipped" | "unknown";
                    /** @description The server’s last words. */
                    reply: string | null;
                    /** Format: date-time */
                    createdAt: string;
                    /** Format: date-time */
                    settledAt: string | null;
                    /** @enum {string|null} */
                    outcome: "delivered" | "bounced" | "complained" | null;
                }[];
            }[];
        };
        StoreHookAnswer: {
            /** @description How many order events were in it; 0 where it speaks of something else. */
            events: number;
        };
        NewEmail: {
            to: components["schemas"]["Recipients"];
            cc?: components["schemas"]["Recipients"];
            bcc?: components["schemas"]["Recipients"];
            replyTo?: string;
            /** @description Slug of a sender. Default: the first one. */
            sender?: string;
            /** @description Name of a template; with `variables`. */
            template?: string;
            variables?: {
                [key: string]: unknown;
            };
            /** @description With `html`, `mjml` or `text`. */
            subject?: string;
            /** @description Without `text`, the text part is derived from it. */
            html?: string;
            /** @description A whole MJML document, in place of `html`. */
            mjml?: string;
            text?: string;
            /**
             * Format: date-time
             * @description Not before this moment, at most 30 days ahead; a past one means now.
             */
            scheduledAt?: string;
            /** @description At most 20 files with 10 MB in all; no programs and scripts, in ZIP archives neither. */
            attachments?: components["schemas"]["Attachment"][];
            /** @description Further header fields: X-…, References and In-Reply-To. */
            headers?: {
                [key: string]: string;
            };
            tags?: string[];
            /** @description Language of the template. Default: what is known of the recipient. */
            locale?: string;
        };
        Recipients: (string | {
            email: string;
            name?: string;
        }) | (string | {
            email: string;
            name?: string;
        })[];
        Attachment: {
            /** @description Shown, and saved under; folders and control characters are taken out of it. */
            filename: string;
            /** @description Base64. */
            content: string;
            /** @description Default: by the ending of the name. */
            contentType?: string;
            /** @description Of a picture in the HTML, which names it as `<img src="cid:…">`. */
            contentId?: string;
            /**
             * @description Default: inline where there is a contentId.
             * @enum {string}
             */
            disposition?: "attachment" | "inline";
        };
        AcceptedEmail: {
            /** Format: uuid */
            id: string;
            /**
             * @description The most telling state among the recipients: what is still to happen (sending, queued, deferred), then what went wrong (unknown, failed, skipped); "sent" when every recipient's server has taken the mail.
             * @enum {string}
             */
            status: "queued" | "sending" | "deferred" | "sent" | "failed" | "skipped" | "unknown";
        };
        /** @description 1 to 100 mails, each as for POST /v1/emails. */
        EmailBatch: {
            emails: unknown[];
        };
        EmailBatchAnswer: {
            /** @description In the order of the request. */
            data: {
                /** @description What POST /v1/emails would have answered. */
                statusCode: number;
                /** Format: uuid */
                id?: string;
                /**
                 * @description The most telling state among the recipients: what is still to happen (sending, queued, deferred), then what went wrong (unknown, failed, skipped); "sent" when every recipient's server has taken the mail.
                 * @enum {string}
                 */
                status?: "queued" | "sending" | "deferred" | "sent" | "failed" | "skipped" | "unknown";
                error?: {
                    statusCode: number;
                    name: string;
                    message: string;
                    details: {
                        field: string;
                        message: string;
                    }[];
                };
            }[];
        };
        CancelledEmail: {
            /** Format: uuid */
            id: string;
            /**
             * @description The most telling state among the recipients: what is still to happen (sending, queued, deferred), then what went wrong (unknown, failed, skipped); "sent" when every recipient's server has taken the mail.
             * @enum {string}
             */
            status: "queued" | "sending" | "deferred" | "sent" | "failed" | "skipped" | "unknown";
            /** @description Recipients who do not get it. */
            cancelled: number;
        };
        ResentEmail: {
            /**
             * Format: uuid
             * @description The new mail.
             */
            id: string;
            /**
             * @description The most telling state among the recipients: what is still to happen (sending, queued, deferred), then what went wrong (unknown, failed, skipped); "sent" when every recipient's server has taken the mail.
             * @enum {string}
             */
            status: "queued" | "sending" | "deferred" | "sent" | "failed" | "skipped" | "unknown";
            /**
             * Format: uuid
             * @description The mail that it repeats.
             */
            resendOf: string;
        };
        EmailSearch: {
            /**
             * @description Mails with at least one recipient in this state.
             * @enum {string}
             */
            state?: "queued" | "sending" | "deferred" | "sent" | "failed" | "skipped" | "unknown";
            tag?: string;
            /** @description Mails with this recipient. */
            address?: string;
            /**
             * Format: date-time
             * @description Accepted at this moment or later.
             */
            from?: string;
            /**
             * Format: date-time
             * @description Accepted before this moment.
             */
            to?: string;
            /** @default 20 */
            limit?: number;
            /**
             * Format: uuid
             * @description The id of the last mail of the page before.
             */
            after?: string;
        };
        EmailPage: {
            data: components["schemas"]["EmailSummary"][];
            hasMore: boolean;
        };
        EmailSummary: {
            /** Format: uuid */
            id: string;
            /**
             * @description The most telling state among the recipients: what is still to happen (sending, queued, deferred), then what went wrong (unknown, failed, skipped); "sent" when every recipient's server has taken the mail.
             * @enum {string}
             */
            status: "queued" | "sending" | "deferred" | "sent" | "failed" | "skipped" | "unknown";
            /** @enum {string} */
            stream: "orders" | "service" | "news";
            subject: string | null;
            to: string[];
            cc: string[];
            bcc: string[];
            tags: string[];
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            scheduledAt: string | null;
        };
        Email: {
            /** Format: uuid */
            id: string;
            /**
             * @description The most telling state among the recipients: what is still to happen (sending, queued, deferred), then what went wrong (unknown, failed, skipped); "sent" when every recipient's server has taken the mail.
             * @enum {string}
             */
            status: "queued" | "sending" | "deferred" | "sent" | "failed" | "skipped" | "unknown";
            /** @enum {string} */
            stream: "orders" | "service" | "news";
            subject: string | null;
            to: string[];
            cc: string[];
            bcc: string[];
            tags: string[];
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            scheduledAt: string | null;
            /**
             * Format: uuid
             * @description The mail that this one repeats.
             */
            resendOf: string | null;
            /** @description The mails that repeat this one. */
            resends: string[];
            deliveries: {
                id: number;
                /** Format: uuid */
                personId: string;
                address: string;
                /** @enum {string} */
                role: "to" | "cc" | "bcc";
                /** @enum {string} */
                state: "queued" | "sending" | "deferred" | "sent" | "failed" | "skipped" | "unknown";
                /** @description Why it was skipped or failed. */
                reason: string | null;
                /**
                 * @description What came after the hand-over.
                 * @enum {string|null}
                 */
                outcome: "delivered" | "bounced" | "complained" | null;
                tries: number;
                /**
                 * Format: date-time
                 * @description The next try, while it waits.
                 */
                dueAt: string | null;
                /** Format: date-time */
                settledAt: string | null;
                /** @description The server's last words. */
                reply: string | null;
                /** @description Each hand-over and what the server said to it, for as long as contents are kept. */
                attempts: {
                    /** Format: date-time */
                    at: string;
                    relay: string | null;
                    /**
                     * @description What came of it.
                     * @enum {string}
                     */
                    state: "sent" | "failed" | "deferred" | "unknown";
                    replyCode: number | null;
                    reply: string | null;
                }[];
            }[];
            history: {
                /** Format: date-time */
                at: string;
                type: string;
                deliveryId: number | null;
                data: {
                    [key: string]: unknown;
                };
            }[];
        };
        TemplatePage: {
            data: components["schemas"]["TemplateSummary"][];
            hasMore: boolean;
        };
        TemplateSummary: {
            name: string;
            /** @enum {string} */
            kind: "builtin" | "own";
            /**
             * Format: uuid
             * @description The revision that mails go out with.
             */
            live: string;
        };
        NewTemplate: {
            name: string;
            /** @description Liquid, one line. */
            subject: string;
            /** @description A whole MJML document with Liquid; [% layout "layouts/base.mjml" %] brings the look of the built-in mails, dark mode too. */
            mjml: string;
            /** @description The text part. Null: derived from the HTML. */
            text?: string | null;
            /** @description What an inbox shows after the subject. */
            preheader?: string | null;
            /** @description By language, then by key; [[ t.key ]] shows one. What is left out comes from the built-in mails. */
            phrases?: {
                [key: string]: {
                    [key: string]: string;
                };
            };
            /** @description Variables of a believable mail: the template is checked and shown with it. */
            sample?: {
                [key: string]: unknown;
            };
        };
        StoredTemplateRevision: {
            /** Format: uuid */
            id: string;
            /**
             * @description Came with Postrider, from TEMPLATES_DIR, by a call.
             * @enum {string}
             */
            origin: "shipped" | "file" | "api";
            live: boolean;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            publishedAt: string | null;
            warnings: string[];
        };
        Template: {
            name: string;
            /** @enum {string} */
            kind: "builtin" | "own";
            /**
             * Format: uuid
             * @description The revision that mails go out with.
             */
            live: string;
            locales: string[];
            /** @description What a caller gives; brand, sender, recipient and links are given by Postrider. */
            variables: {
                /** @description As a merge tag names it; order.items[].name is that of each item. */
                name: string;
                /** @enum {string} */
                type: "string" | "number" | "boolean" | "list" | "any";
                /** @description A mail without it is refused. */
                required: boolean;
                example: unknown;
            }[];
            source: {
                subject: string;
                mjml: string;
                text: string | null;
                preheader: string | null;
                phrases: {
                    [key: string]: {
                        [key: string]: string;
                    };
                };
            };
            sample: {
                [key: string]: unknown;
            };
        };
        TemplateRevisions: {
            data: components["schemas"]["TemplateRevision"][];
        };
        TemplateRevision: {
            /** Format: uuid */
            id: string;
            /**
             * @description Came with Postrider, from TEMPLATES_DIR, by a call.
             * @enum {string}
             */
            origin: "shipped" | "file" | "api";
            live: boolean;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            publishedAt: string | null;
        };
        NewTemplateRevision: {
            /** @description Liquid, one line. */
            subject: string;
            /** @description A whole MJML document with Liquid; [% layout "layouts/base.mjml" %] brings the look of the built-in mails, dark mode too. */
            mjml: string;
            /** @description The text part. Null: derived from the HTML. */
            text?: string | null;
            /** @description What an inbox shows after the subject. */
            preheader?: string | null;
            /** @description By language, then by key; [[ t.key ]] shows one. What is left out comes from the built-in mails. */
            phrases?: {
                [key: string]: {
                    [key: string]: string;
                };
            };
            /** @description Variables of a believable mail: the template is checked and shown with it. */
            sample?: {
                [key: string]: unknown;
            };
        };
        TemplateRevisionView: {
            /** Format: uuid */
            id: string;
            /**
             * @description Came with Postrider, from TEMPLATES_DIR, by a call.
             * @enum {string}
             */
            origin: "shipped" | "file" | "api";
            live: boolean;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            publishedAt: string | null;
            source: {
                subject: string;
                mjml: string;
                text: string | null;
                preheader: string | null;
                phrases: {
                    [key: string]: {
                        [key: string]: string;
                    };
                };
            };
            sample: {
                [key: string]: unknown;
            };
        };
        TemplatePreviewBody: {
            locale?: string;
            /** @description Over those of the sample. */
            variables?: {
                [key: string]: unknown;
            };
            /**
             * Format: uuid
             * @description Default: the live one.
             */
            revision?: string;
        };
        TemplatePreview: {
            locale: string;
            subject: string;
            html: string;
            text: string;
            /** @description Of the HTML; Gmail cuts off at 102 KB. */
            sizeBytes: number;
        };
        TemplatePublishBody: {
            /** Format: uuid */
            revision: string;
        };
        NewCampaign: {
            /** @description For the people who send it; subscribers do not see it. */
            name: string;
            /** @description May hold merge tags, such as {{ recipient.name }}. */
            subject: string;
            /** @description What an inbox shows after the subject. */
            preheader?: string | null;
            /** @description Who is on several of them gets one mail, through the first. */
            lists: string[];
            /** @description Slug of a sender. Default: the first list's. */
            sender?: string;
            /** @description Markdown with merge tags; comes in the layout for news. */
            content?: string;
            /** @description In place of `content`: sections for that layout, or a whole MJML document. */
            mjml?: string;
            /** @description For how many hours a mail that a server puts off is tried again. Default: as long as all news. */
            retryHours?: number | null;
        };
        Campaign: {
            /** Format: uuid */
            id: string;
            name: string;
            subject: string;
            preheader: string | null;
            lists: string[];
            sender: string;
            retryHours: number | null;
            /** @enum {string} */
            state: "draft" | "scheduled" | "sending" | "paused" | "finished" | "cancelled";
            /** @description Why Postrider itself changed the state. */
            stateReason: string | null;
            /** Format: date-time */
            scheduledAt: string | null;
            /** Format: date-time */
            startedAt: string | null;
            /**
             * Format: date-time
             * @description From here on the number of recipients is final.
             */
            frozenAt: string | null;
            /** Format: date-time */
            finishedAt: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            counts: components["schemas"]["CampaignCounts"];
            content: string | null;
            mjml: string | null;
        };
        CampaignCounts: {
            /** @description The sum of the others. */
            recipients: number;
            queued: number;
            sending: number;
            deferred: number;
            sent: number;
            failed: number;
            skipped: number;
            /** @description Handed over, and no answer was seen. */
            unknown: number;
        };
        CampaignPage: {
            data: components["schemas"]["CampaignSummary"][];
            hasMore: boolean;
        };
        CampaignSummary: {
            /** Format: uuid */
            id: string;
            name: string;
            subject: string;
            preheader: string | null;
            lists: string[];
            sender: string;
            retryHours: number | null;
            /** @enum {string} */
            state: "draft" | "scheduled" | "sending" | "paused" | "finished" | "cancelled";
            /** @description Why Postrider itself changed the state. */
            stateReason: string | null;
            /** Format: date-time */
            scheduledAt: string | null;
            /** Format: date-time */
            startedAt: string | null;
            /**
             * Format: date-time
             * @description From here on the number of recipients is final.
             */
            frozenAt: string | null;
            /** Format: date-time */
            finishedAt: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            counts: components["schemas"]["CampaignCounts"];
        };
        CampaignChange: {
            /** @description For the people who send it; subscribers do not see it. */
            name?: string;
            /** @description May hold merge tags, such as {{ recipient.name }}. */
            subject?: string;
            /** @description What an inbox shows after the subject. */
            preheader?: string | null;
            /** @description Who is on several of them gets one mail, through the first. */
            lists?: string[];
            /** @description Slug of a sender. Default: the first list's. */
            sender?: string;
            /** @description Markdown with merge tags; comes in the layout for news. */
            content?: string;
            /** @description In place of `content`: sections for that layout, or a whole MJML document. */
            mjml?: string;
            /** @description For how many hours a mail that a server puts off is tried again. Default: as long as all news. */
            retryHours?: number | null;
        };
        CampaignTest: {
            to: string[];
        };
        CampaignTestAnswer: {
            emailIds: string[];
        };
        CampaignSchedule: {
            /** Format: date-time */
            at: string;
        };
        CampaignReport: {
            /** Format: uuid */
            campaignId: string;
            /**
             * Format: date-time
             * @description All numbers are of this moment.
             */
            at: string;
            counts: components["schemas"]["CampaignCounts"];
            outcomes: components["schemas"]["CampaignOutcomes"];
            /** @description The recipient domains with the most recipients. With `otherDomains` they add up to `counts`. */
            domains: {
                domain: string;
                counts: components["schemas"]["CampaignCounts"];
                outcomes: components["schemas"]["CampaignOutcomes"];
            }[];
            /** @description All the others together; as a list: `notDomains` with the domains above. */
            otherDomains: {
                /** @description How many they are. */
                domains: number;
                counts: components["schemas"]["CampaignCounts"];
                outcomes: components["schemas"]["CampaignOutcomes"];
            };
            /** @description Why mail failed, waits for another try, or is unknown. The most frequent first. */
            replies: {
                /** @enum {string} */
                state: "failed" | "deferred" | "unknown";
                reason: string | null;
                replyCode: number | null;
                /** @description The enhanced status (RFC 3463), such as 5.1.1. */
                enhanced: string | null;
                count: number;
                /** @description The server's words to one of them, without the address. */
                sample: string | null;
            }[];
            /** @description Why mail was not sent on purpose. */
            skips: {
                reason: string | null;
                count: number;
            }[];
        };
        /** @description What came after the hand-over, beside the state. 0 where nobody reports it. */
        CampaignOutcomes: {
            delivered: number;
            bounced: number;
            complained: number;
        };
        CampaignDeliveryPage: {
            data: components["schemas"]["CampaignDelivery"][];
            hasMore: boolean;
        };
        CampaignDelivery: {
            id: number;
            /** Format: uuid */
            personId: string;
            address: string;
            /** @enum {string} */
            state: "queued" | "sending" | "deferred" | "sent" | "failed" | "skipped" | "unknown";
            /** @description Why it was skipped or failed. */
            reason: string | null;
            /**
             * @description What came after the hand-over.
             * @enum {string|null}
             */
            outcome: "delivered" | "bounced" | "complained" | null;
            tries: number;
            /**
             * Format: date-time
             * @description The next try, while it waits.
             */
            dueAt: string | null;
            /** Format: date-time */
            settledAt: string | null;
            /** @description The server's last words. */
            reply: string | null;
        };
        CampaignResend: {
            /** @description `unknown` mail may have arrived: who got it gets it twice, with the same Message-ID. */
            states: ("failed" | "unknown")[];
            /** @description Only these, as in the report. */
            reasons?: string[];
            /** @description Only this recipient's domain. */
            domain?: string;
        };
        CampaignResendAnswer: {
            /** @description How many go out once more. The check before the hand-over still holds. */
            queued: number;
        };
        NewRelay: {
            name: string;
            /** @description smtp://user:password@host:587?tls=required, or smtps://. Kept sealed, shown without the password. */
            url: string;
            /** @description What it carries: orders, service (confirmations and other mail of the shop), news. */
            streams?: ("orders" | "service" | "news")[];
            /**
             * @description Lower is used first. The next one takes over when all better ones are in trouble or have used up their hour or day.
             * @default 10
             */
            priority?: number;
            /**
             * @description Connections over all workers; each worker has one at least. null: each keeps SMTP_CONNECTIONS.
             * @default null
             */
            connections?: number | null;
            /**
             * @description Mails per second over all workers. What is above it waits.
             * @default null
             */
            perSecond?: number | null;
            /**
             * @description Mails in an hour of UTC. What is above it goes to the next relay, or waits.
             * @default null
             */
            perHour?: number | null;
            /**
             * @description Mails in a day of UTC. What is above it goes to the next relay, or waits.
             * @default null
             */
            perDay?: number | null;
            /**
             * @description Who signs with DKIM: Postrider, or the relay itself.
             * @default ours
             * @enum {string}
             */
            signing?: "ours" | "relay";
            /**
             * @description "verp": each delivery has an envelope sender of its own; "fixed" for a relay that takes only one.
             * @default verp
             * @enum {string}
             */
            envelope?: "verp" | "fixed";
            /** @default true */
            enabled?: boolean;
        };
        Relay: {
            /** Format: uuid */
            id: string;
            name: string;
            /** @description Without the password. */
            url: string;
            streams: ("orders" | "service" | "news")[];
            priority: number;
            connections: number | null;
            perSecond: number | null;
            perHour: number | null;
            perDay: number | null;
            /** @enum {string} */
            signing: "ours" | "relay";
            /** @enum {string} */
            envelope: "verp" | "fixed";
            enabled: boolean;
            state: {
                /**
                 * @description "open": at least one worker has trouble with it and sends nothing there but a probe now and then.
                 * @enum {string}
                 */
                circuit: "closed" | "open";
                /** Format: date-time */
                openSince: string | null;
                lastProblem: string | null;
                /** Format: date-time */
                lastProblemAt: string | null;
            };
            used: {
                /** @description Leased to workers now. */
                connections: number;
                second: number;
                hour: number;
                day: number;
            };
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        RelayPage: {
            data: components["schemas"]["Relay"][];
            hasMore: boolean;
        };
        RelayChange: {
            /** @description smtp://user:password@host:587?tls=required, or smtps://. Kept sealed, shown without the password. */
            url?: string;
            /** @description What it carries: orders, service (confirmations and other mail of the shop), news. */
            streams?: ("orders" | "service" | "news")[];
            /** @description Lower is used first. The next one takes over when all better ones are in trouble or have used up their hour or day. */
            priority?: number;
            /** @description Connections over all workers; each worker has one at least. null: each keeps SMTP_CONNECTIONS. */
            connections?: number | null;
            /** @description Mails per second over all workers. What is above it waits. */
            perSecond?: number | null;
            /** @description Mails in an hour of UTC. What is above it goes to the next relay, or waits. */
            perHour?: number | null;
            /** @description Mails in a day of UTC. What is above it goes to the next relay, or waits. */
            perDay?: number | null;
            /**
             * @description Who signs with DKIM: Postrider, or the relay itself.
             * @enum {string}
             */
            signing?: "ours" | "relay";
            /**
             * @description "verp": each delivery has an envelope sender of its own; "fixed" for a relay that takes only one.
             * @enum {string}
             */
            envelope?: "verp" | "fixed";
            enabled?: boolean;
        };
        DomainCapPage: {
            data: components["schemas"]["DomainCap"][];
            hasMore: boolean;
        };
        DomainCap: {
            domain: string;
            perSecond: number;
        };
        DomainCapChange: {
            /** @description Mails per second to this domain, over all relays and workers. */
            perSecond: number;
        };
        ImportAccepted: {
            /** Format: uuid */
            id: string;
        };
        ImportPage: {
            data: components["schemas"]["Import"][];
            hasMore: boolean;
        };
        Import: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            state: "waiting" | "running" | "finished" | "failed" | "cancelled";
            dryRun: boolean;
            lists: string[];
            consent: {
                text: string;
                source: string;
                /** Format: date-time */
                date: string | null;
                confirmed: boolean;
            };
            columns: {
                email: string;
                name: string | null;
                locale: string | null;
                agreedAt: string | null;
                attributes: string[];
                ignored: string[];
            };
            /** @description Of the file, as UTF-8. */
            octets: number;
            octetsDone: number;
            /** @description `rows` is the sum of the others. */
            counts: {
                rows: number;
                added: number;
                updated: number;
                unchanged: number;
                skipped: {
                    left: number;
                    refused: number;
                    erased: number;
                };
                failed: number;
            };
            /** @description Why it failed as a whole. */
            problem: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            startedAt: string | null;
            /** Format: date-time */
            finishedAt: string | null;
        };
        /**
         * @example {
         *       "url": "https://shop.example/hooks/mail",
         *       "events": [
         *         "email.failed",
         *         "email.bounced"
         *       ]
         *     }
         */
        NewWebhookEndpoint: {
            /** @description Where to POST. https; http only to this machine or, with WEBHOOK_ALLOW_PRIVATE, to private networks. */
            url: string;
            /** @description Event types, or "*" for all, those that come later too. */
            events: (("subscriber.asked" | "subscriber.confirmed" | "subscriber.revived" | "subscriber.changed" | "subscriber.paused" | "subscriber.imported" | "subscriber.unsubscribed" | "subscriber.erased" | "order.received" | "email.sent" | "email.deferred" | "email.failed" | "email.skipped" | "email.unknown" | "email.delivered" | "email.bounced" | "email.complained" | "campaign.unscheduled" | "campaign.started" | "campaign.paused" | "campaign.resumed" | "campaign.resent" | "campaign.cancelled" | "campaign.finished" | "suppression.added" | "suppression.released" | "webhook.disabled" | "alert.raised") | "*")[];
            description?: string | null;
        };
        WebhookEndpointWithSecret: {
            /** Format: uuid */
            id: string;
            url: string;
            description: string | null;
            events: string[];
            enabled: boolean;
            /**
             * @description "asked": by PATCH; "gone": it answered 410; "failing": it took nothing for 5 days.
             * @enum {string|null}
             */
            disabledReason: "asked" | "gone" | "failing" | null;
            /** Format: date-time */
            disabledAt: string | null;
            /**
             * Format: date-time
             * @description Nothing was taken since then.
             */
            failingSince: string | null;
            /**
             * Format: date-time
             * @description Nothing is sent before: it was busy, or fails again and again.
             */
            restingUntil: string | null;
            /** Format: date-time */
            lastSuccessAt: string | null;
            /**
             * Format: date-time
             * @description Until then the secret before the last rotation signs too.
             */
            oldSecretUntil: string | null;
            /** @description A replay is being queued. */
            replaying: boolean;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            /** @description whsec_…, shown this once. */
            secret: string;
        };
        WebhookEndpointPage: {
            data: components["schemas"]["WebhookEndpoint"][];
            hasMore: boolean;
        };
        WebhookEndpoint: {
            /** Format: uuid */
            id: string;
            url: string;
            description: string | null;
            events: string[];
            enabled: boolean;
            /**
             * @description "asked": by PATCH; "gone": it answered 410; "failing": it took nothing for 5 days.
             * @enum {string|null}
             */
            disabledReason: "asked" | "gone" | "failing" | null;
            /** Format: date-time */
            disabledAt: string | null;
            /**
             * Format: date-time
             * @description Nothing was taken since then.
             */
            failingSince: string | null;
            /**
             * Format: date-time
             * @description Nothing is sent before: it was busy, or fails again and again.
             */
            restingUntil: string | null;
            /** Format: date-time */
            lastSuccessAt: string | null;
            /**
             * Format: date-time
             * @description Until then the secret before the last rotation signs too.
             */
            oldSecretUntil: string | null;
            /** @description A replay is being queued. */
            replaying: boolean;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        WebhookEndpointDetail: {
            /** Format: uuid */
            id: string;
            url: string;
            description: string | null;
            events: string[];
            enabled: boolean;
            /**
             * @description "asked": by PATCH; "gone": it answered 410; "failing": it took nothing for 5 days.
             * @enum {string|null}
             */
            disabledReason: "asked" | "gone" | "failing" | null;
            /** Format: date-time */
            disabledAt: string | null;
            /**
             * Format: date-time
             * @description Nothing was taken since then.
             */
            failingSince: string | null;
            /**
             * Format: date-time
             * @description Nothing is sent before: it was busy, or fails again and again.
             */
            restingUntil: string | null;
            /** Format: date-time */
            lastSuccessAt: string | null;
            /**
             * Format: date-time
             * @description Until then the secret before the last rotation signs too.
             */
            oldSecretUntil: string | null;
            /** @description A replay is being queued. */
            replaying: boolean;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
            /** @description Messages to be sent; 10000 means that many or more. */
            waiting: number;
            /** @description Messages that were given up, counted alike. */
            failed: number;
        };
        /**
         * @example {
         *       "enabled": true
         *     }
         */
        WebhookEndpointChange: {
            /** @description Where to POST. https; http only to this machine or, with WEBHOOK_ALLOW_PRIVATE, to private networks. */
            url?: string;
            /** @description Event types, or "*" for all, those that come later too. */
            events?: (("subscriber.asked" | "subscriber.confirmed" | "subscriber.revived" | "subscriber.changed" | "subscriber.paused" | "subscriber.imported" | "subscriber.unsubscribed" | "subscriber.erased" | "order.received" | "email.sent" | "email.deferred" | "email.failed" | "email.skipped" | "email.unknown" | "email.delivered" | "email.bounced" | "email.complained" | "campaign.unscheduled" | "campaign.started" | "campaign.paused" | "campaign.resumed" | "campaign.resent" | "campaign.cancelled" | "campaign.finished" | "suppression.added" | "suppression.released" | "webhook.disabled" | "alert.raised") | "*")[];
            description?: string | null;
            enabled?: boolean;
        };
        WebhookAttemptPage: {
            data: components["schemas"]["WebhookAttempt"][];
            hasMore: boolean;
        };
        WebhookAttempt: {
            /** Format: uuid */
            id: string;
            /** @description The webhook-id. */
            messageId: string;
            type: string;
            try: number;
            /**
             * Format: date-time
             * @description When its answer was there.
             */
            at: string;
            delivered: boolean;
            durationMs: number;
            statusCode: number | null;
            /** @description The first KB of what the endpoint said; addresses are left out. */
            answer: string | null;
            /** @description Why there was no answer, or why it was none that counts. */
            error: string | null;
        };
        WebhookQueued: {
            /** @description The webhook-id that it is sent with. */
            messageId: string;
        };
        /**
         * @example {
         *       "since": "2026-11-22T08:00:00Z",
         *       "onlyFailed": true
         *     }
         */
        WebhookReplay: {
            /** Format: date-time */
            since: string;
            /**
             * Format: date-time
             * @description Default: now.
             */
            until?: string;
            /** @description Default: those of the endpoint. */
            types?: ("subscriber.asked" | "subscriber.confirmed" | "subscriber.revived" | "subscriber.changed" | "subscriber.paused" | "subscriber.imported" | "subscriber.unsubscribed" | "subscriber.erased" | "order.received" | "email.sent" | "email.deferred" | "email.failed" | "email.skipped" | "email.unknown" | "email.delivered" | "email.bounced" | "email.complained" | "campaign.unscheduled" | "campaign.started" | "campaign.paused" | "campaign.resumed" | "campaign.resent" | "campaign.cancelled" | "campaign.finished" | "suppression.added" | "suppression.released" | "webhook.disabled" | "alert.raised")[];
            /**
             * @description Only what was given up. Otherwise all: what was missed while it was disabled, and what was delivered.
             * @default false
             */
            onlyFailed?: boolean;
        };
        WebhookReplayQueued: {
            /** @enum {string} */
            status: "queued";
        };
        /**
         * @example {
         *       "name": "shop",
         *       "scopes": [
         *         "orders",
         *         "emails"
         *       ],
         *       "senders": [
         *         "default"
         *       ],
         *       "rate": {
         *         "requests": 20,
         *         "per": "second"
         *       },
         *       "allowIps": [
         *         "203.0.113.0/24",
         *         "2001:db8:1::/48"
         *       ],
         *       "expiresAt": "2027-11-22T00:00:00Z"
         *     }
         */
        NewApiKey: {
            /** @description Who uses it. */
            name: string;
            scopes: ("lists" | "subscriptions" | "subscribers" | "orders" | "emails" | "campaigns" | "templates" | "suppressions" | "relays" | "reports" | "webhooks" | "policies" | "keys")[];
            /** @description Slugs of the senders that it may send as; null: all. */
            senders?: string[] | null;
            /** @description Requests in each second or minute, over all API processes; null: without limit. */
            rate?: {
                requests: number;
                /** @enum {string} */
                per: "second" | "minute";
            } | null;
            /** @description Addresses and networks (203.0.113.0/24, 2001:db8::/32) that it may be used from; null: from everywhere. */
            allowIps?: string[] | null;
            /**
             * Format: date-time
             * @description Null: never.
             */
            expiresAt?: string | null;
        };
        ApiKeyWithSecret: {
            /** Format: uuid */
            id: string;
            name: string;
            /** @description The beginning of its secret. */
            prefix: string;
            scopes: string[];
            senders: string[] | null;
            rate: {
                requests: number;
                /** @enum {string} */
                per: "second" | "minute";
            } | null;
            allowIps: string[] | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expiresAt: string | null;
            /**
             * Format: date-time
             * @description Right to the minute.
             */
            lastUsedAt: string | null;
            /** Format: date-time */
            revokedAt: string | null;
            /** @description pr_…, in this answer only. */
            secret: string;
        };
        ApiKeyPage: {
            data: components["schemas"]["ApiKey"][];
            hasMore: boolean;
        };
        ApiKey: {
            /** Format: uuid */
            id: string;
            name: string;
            /** @description The beginning of its secret. */
            prefix: string;
            scopes: string[];
            senders: string[] | null;
            rate: {
                requests: number;
                /** @enum {string} */
                per: "second" | "minute";
            } | null;
            allowIps: string[] | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expiresAt: string | null;
            /**
             * Format: date-time
             * @description Right to the minute.
             */
            lastUsedAt: string | null;
            /** Format: date-time */
            revokedAt: string | null;
        };
        ApiKeyDetail: {
            /** Format: uuid */
            id: string;
            name: string;
            /** @description The beginning of its secret. */
            prefix: string;
            scopes: string[];
            senders: string[] | null;
            rate: {
                requests: number;
                /** @enum {string} */
                per: "second" | "minute";
            } | null;
            allowIps: string[] | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expiresAt: string | null;
            /**
             * Format: date-time
             * @description Right to the minute.
             */
            lastUsedAt: string | null;
            /** Format: date-time */
            revokedAt: string | null;
            history: {
                /** Format: date-time */
                at: string;
                /** @description The id of an API key, "command line", or "start" for one of the configuration. */
                by: string;
                /** @enum {string} */
                action: "key.created" | "key.changed" | "key.revoked";
                /** @description What it was made with; of a change, each field with what it was and what it is. */
                changes: {
                    [key: string]: unknown;
                };
            }[];
        };
        /**
         * @example {
         *       "rate": {
         *         "requests": 5,
         *         "per": "second"
         *       }
         *     }
         */
        ApiKeyChange: {
            /** @description Who uses it. */
            name?: string;
            scopes?: ("lists" | "subscriptions" | "subscribers" | "orders" | "emails" | "campaigns" | "templates" | "suppressions" | "relays" | "reports" | "webhooks" | "policies" | "keys")[];
            /** @description Slugs of the senders that it may send as; null: all. */
            senders?: string[] | null;
            /** @description Requests in each second or minute, over all API processes; null: without limit. */
            rate?: {
                requests: number;
                /** @enum {string} */
                per: "second" | "minute";
            } | null;
            /** @description Addresses and networks (203.0.113.0/24, 2001:db8::/32) that it may be used from; null: from everywhere. */
            allowIps?: string[] | null;
            /**
             * Format: date-time
             * @description Null: never.
             */
            expiresAt?: string | null;
        };
        MailHookAnswer: {
            /** @description False where the same webhook was stored before. */
            stored: boolean;
        };
        MailEventRequestPage: {
            data: components["schemas"]["MailEventRequest"][];
            hasMore: boolean;
        };
        MailEventRequest: {
            /** Format: uuid */
            id: string;
            provider: string;
            /** Format: date-time */
            receivedAt: string;
            /**
             * @description `ignored`: nothing in it speaks of a mail. `failed`: it is tried no more until it is replayed.
             * @enum {string}
             */
            state: "waiting" | "done" | "failed" | "ignored";
            tries: number;
            octets: number;
            /** @description What came of its events, or why the last try failed. */
            note: string | null;
        };
        MailEventReplay: {
            replayed: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type NewList = components['schemas']['NewList'];
export type List = components['schemas']['List'];
export type ListPage = components['schemas']['ListPage'];
export type ListChange = components['schemas']['ListChange'];
export type NewSubscription = components['schemas']['NewSubscription'];
export type Subscriptions = components['schemas']['Subscriptions'];
export type ResentConfirmation = components['schemas']['ResentConfirmation'];
export type SubscriberSearch = components['schemas']['SubscriberSearch'];
export type SubscriberPage = components['schemas']['SubscriberPage'];
export type Subscriber = components['schemas']['Subscriber'];
export type SubscriberChange = components['schemas']['SubscriberChange'];
export type PersonalExport = components['schemas']['PersonalExport'];
export type AudienceReport = components['schemas']['AudienceReport'];
export type AudienceTable = components['schemas']['AudienceTable'];
export type RetentionReport = components['schemas']['RetentionReport'];
export type NewPrivacyPolicy = components['schemas']['NewPrivacyPolicy'];
export type PrivacyPolicy = components['schemas']['PrivacyPolicy'];
export type PrivacyPolicyList = components['schemas']['PrivacyPolicyList'];
export type PrivacyPolicyHead = components['schemas']['PrivacyPolicyHead'];
export type PolicyAnnouncementRequest = components['schemas']['PolicyAnnouncementRequest'];
export type PolicyAnnouncement = components['schemas']['PolicyAnnouncement'];
export type ConsentProof = components['schemas']['ConsentProof'];
export type SuppressionImport = components['schemas']['SuppressionImport'];
export type SuppressionScoreQuery = components['schemas']['SuppressionScoreQuery'];
export type SuppressionScore = components['schemas']['SuppressionScore'];
export type NewSuppression = components['schemas']['NewSuppression'];
export type Suppression = components['schemas']['Suppression'];
export type SuppressionSearch = components['schemas']['SuppressionSearch'];
export type SuppressionPage = components['schemas']['SuppressionPage'];
export type SuppressionRelease = components['schemas']['SuppressionRelease'];
export type DeliverabilityReport = components['schemas']['DeliverabilityReport'];
export type DeliverabilityLine = components['schemas']['DeliverabilityLine'];
export type SuppressionEvidence = components['schemas']['SuppressionEvidence'];
export type OrderEvent = components['schemas']['OrderEvent'];
export type OrderPlaced = components['schemas']['OrderPlaced'];
export type AttachedFile = components['schemas']['AttachedFile'];
export type OrderPaid = components['schemas']['OrderPaid'];
export type OrderPaymentFailed = components['schemas']['OrderPaymentFailed'];
export type OrderProcessing = components['schemas']['OrderProcessing'];
export type OrderOnHold = components['schemas']['OrderOnHold'];
export type OrderBackordered = components['schemas']['OrderBackordered'];
export type OrderPartiallyShipped = components['schemas']['OrderPartiallyShipped'];
export type OrderShipped = components['schemas']['OrderShipped'];
export type OrderOutForDelivery = components['schemas']['OrderOutForDelivery'];
export type OrderDelivered = components['schemas']['OrderDelivered'];
export type OrderFulfilled = components['schemas']['OrderFulfilled'];
export type OrderCancelled = components['schemas']['OrderCancelled'];
export type OrderPartiallyRefunded = components['schemas']['OrderPartiallyRefunded'];
export type OrderRefunded = components['schemas']['OrderRefunded'];
export type OrderEventAnswer = components['schemas']['OrderEventAnswer'];
export type OrderEventBatch = components['schemas']['OrderEventBatch'];
export type OrderEventBatchAnswer = components['schemas']['OrderEventBatchAnswer'];
export type Order = components['schemas']['Order'];
export type StoreHookAnswer = components['schemas']['StoreHookAnswer'];
export type NewEmail = components['schemas']['NewEmail'];
export type Recipients = components['schemas']['Recipients'];
export type Attachment = components['schemas']['Attachment'];
export type AcceptedEmail = components['schemas']['AcceptedEmail'];
export type EmailBatch = components['schemas']['EmailBatch'];
export type EmailBatchAnswer = components['schemas']['EmailBatchAnswer'];
export type CancelledEmail = components['schemas']['CancelledEmail'];
export type ResentEmail = components['schemas']['ResentEmail'];
export type EmailSearch = components['schemas']['EmailSearch'];
export type EmailPage = components['schemas']['EmailPage'];
export type EmailSummary = components['schemas']['EmailSummary'];
export type Email = components['schemas']['Email'];
export type TemplatePage = components['schemas']['TemplatePage'];
export type TemplateSummary = components['schemas']['TemplateSummary'];
export type NewTemplate = components['schemas']['NewTemplate'];
export type StoredTemplateRevision = components['schemas']['StoredTemplateRevision'];
export type Template = components['schemas']['Template'];
export type TemplateRevisions = components['schemas']['TemplateRevisions'];
export type TemplateRevision = components['schemas']['TemplateRevision'];
export type NewTemplateRevision = components['schemas']['NewTemplateRevision'];
export type TemplateRevisionView = components['schemas']['TemplateRevisionView'];
export type TemplatePreviewBody = components['schemas']['TemplatePreviewBody'];
export type TemplatePreview = components['schemas']['TemplatePreview'];
export type TemplatePublishBody = components['schemas']['TemplatePublishBody'];
export type NewCampaign = components['schemas']['NewCampaign'];
export type Campaign = components['schemas']['Campaign'];
export type CampaignCounts = components['schemas']['CampaignCounts'];
export type CampaignPage = components['schemas']['CampaignPage'];
export type CampaignSummary = components['schemas']['CampaignSummary'];
export type CampaignChange = components['schemas']['CampaignChange'];
export type CampaignTest = components['schemas']['CampaignTest'];
export type CampaignTestAnswer = components['schemas']['CampaignTestAnswer'];
export type CampaignSchedule = components['schemas']['CampaignSchedule'];
export type CampaignReport = components['schemas']['CampaignReport'];
export type CampaignOutcomes = components['schemas']['CampaignOutcomes'];
export type CampaignDeliveryPage = components['schemas']['CampaignDeliveryPage'];
export type CampaignDelivery = components['schemas']['CampaignDelivery'];
export type CampaignResend = components['schemas']['CampaignResend'];
export type CampaignResendAnswer = components['schemas']['CampaignResendAnswer'];
export type NewRelay = components['schemas']['NewRelay'];
export type Relay = components['schemas']['Relay'];
export type RelayPage = components['schemas']['RelayPage'];
export type RelayChange = components['schemas']['RelayChange'];
export type DomainCapPage = components['schemas']['DomainCapPage'];
export type DomainCap = components['schemas']['DomainCap'];
export type DomainCapChange = components['schemas']['DomainCapChange'];
export type ImportAccepted = components['schemas']['ImportAccepted'];
export type ImportPage = components['schemas']['ImportPage'];
export type Import = components['schemas']['Import'];
export type NewWebhookEndpoint = components['schemas']['NewWebhookEndpoint'];
export type WebhookEndpointWithSecret = components['schemas']['WebhookEndpointWithSecret'];
export type WebhookEndpointPage = components['schemas']['WebhookEndpointPage'];
export type WebhookEndpoint = components['schemas']['WebhookEndpoint'];
export type WebhookEndpointDetail = components['schemas']['WebhookEndpointDetail'];
export type WebhookEndpointChange = components['schemas']['WebhookEndpointChange'];
export type WebhookAttemptPage = components['schemas']['WebhookAttemptPage'];
export type WebhookAttempt = components['schemas']['WebhookAttempt'];
export type WebhookQueued = components['schemas']['WebhookQueued'];
export type WebhookReplay = components['schemas']['WebhookReplay'];
export type WebhookReplayQueued = components['schemas']['WebhookReplayQueued'];
export type NewApiKey = components['schemas']['NewApiKey'];
export type ApiKeyWithSecret = components['schemas']['ApiKeyWithSecret'];
export type ApiKeyPage = components['schemas']['ApiKeyPage'];
export type ApiKey = components['schemas']['ApiKey'];
export type ApiKeyDetail = components['schemas']['ApiKeyDetail'];
export type ApiKeyChange = components['schemas']['ApiKeyChange'];
export type MailHookAnswer = components['schemas']['MailHookAnswer'];
export type MailEventRequestPage = components['schemas']['MailEventRequestPage'];
export type MailEventRequest = components['schemas']['MailEventRequest'];
export type MailEventReplay = components['schemas']['MailEventReplay'];
export type $defs = Record<string, never>;
export interface operations {
    ListsController_list: {
        parameters: {
            query?: {
                limit?: number;
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListPage"];
                };
            };
        };
    };
    ListsController_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewList"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List"];
                };
            };
        };
    };
    ListsController_find: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List"];
                };
            };
        };
    };
    ListsController_update: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ListChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List"];
                };
            };
        };
    };
    SubscriptionsController_subscribe: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSubscription"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscriptions"];
                };
            };
        };
    };
    SubscriptionsController_resend: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResentConfirmation"];
                };
            };
        };
    };
    SubscriptionsController_leave: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ended, now or before */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    SubscribersController_search: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SubscriberSearch"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SubscriberPage"];
                };
            };
        };
    };
    SubscribersController_find: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscriber"];
                };
            };
        };
    };
    PrivacyController_erase: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Erased, now or before */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    SubscribersController_change: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SubscriberChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscriber"];
                };
            };
        };
    };
    PrivacyController_export: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonalExport"];
                };
            };
        };
    };
    ReportsController_audienceReport: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AudienceReport"];
                };
            };
        };
    };
    ReportsController_retentionReport: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RetentionReport"];
                };
            };
        };
    };
    PoliciesController_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PrivacyPolicyList"];
                };
            };
        };
    };
    PoliciesController_publish: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPrivacyPolicy"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PrivacyPolicy"];
                };
            };
        };
    };
    PoliciesController_find: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PrivacyPolicy"];
                };
            };
        };
    };
    PoliciesController_announce: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                version: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicyAnnouncementRequest"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyAnnouncement"];
                };
            };
        };
    };
    PoliciesController_announcement: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyAnnouncement"];
                };
            };
        };
    };
    PoliciesController_pause: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyAnnouncement"];
                };
            };
        };
    };
    PoliciesController_resume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyAnnouncement"];
                };
            };
        };
    };
    PoliciesController_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyAnnouncement"];
                };
            };
        };
    };
    ConsentProofController_proof: {
        parameters: {
            query?: {
                /** @description What `Accept` says when left out, else JSON. */
                format?: "json" | "html";
                /** @description The language of the HTML. */
                locale?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConsentProof"];
                };
            };
        };
    };
    SuppressionCsvController_import: {
        parameters: {
            query?: {
                /** @description Says what an import would do, and changes nothing. */
                dryRun?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "text/csv": string;
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SuppressionImport"];
                };
            };
        };
    };
    SuppressionCsvController_export: {
        parameters: {
            query?: {
                /** @description Only those that hold now; false for those that were released too. */
                active?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
        };
    };
    SuppressionCsvController_score: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SuppressionScoreQuery"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SuppressionScore"];
                };
            };
        };
    };
    SuppressionsController_add: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSuppression"];
            };
        };
        responses: {
            /** @description It was active already */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Suppression"];
                };
            };
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Suppression"];
                };
            };
        };
    };
    SuppressionsController_search: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SuppressionSearch"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SuppressionPage"];
                };
            };
        };
    };
    SuppressionsController_release: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SuppressionRelease"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Suppression"];
                };
            };
        };
    };
    DeliverabilityController_report: {
        parameters: {
            query?: {
                /** @description First day (UTC). Left out: 29 days before the last. */
                from?: string;
                /** @description Last day (UTC). Left out: today. */
                to?: string;
                campaign?: string;
                /** @description The recipient's domain. */
                domain?: string;
                /** @description How many campaigns and domains get a line of their own. */
                top?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeliverabilityReport"];
                };
            };
        };
    };
    SuppressionEvidenceController_evidence: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SuppressionEvidence"];
                };
            };
        };
    };
    OrderEventsController_receive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrderEvent"];
            };
        };
        responses: {
            /** @description The event was received before. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderEventAnswer"];
                };
            };
            /** @description Stored; the mail is on its way. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderEventAnswer"];
                };
            };
            /** @description The id was used with another body. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    OrderEventsController_receiveMany: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrderEventBatch"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderEventBatchAnswer"];
                };
            };
        };
    };
    OrdersController_show: {
        parameters: {
            query?: {
                /** @description Order ids are unique within it. Leave it out where there is one shop. */
                shop?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
        };
    };
    StoreHooksController_receive: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                platform: string;
            };
            cookie?: never;
        };
        /** @description What the platform posts, as it came. */
        requestBody: {
            content: {
                "application/json": {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoreHookAnswer"];
                };
            };
            /** @description The signature does not match, or is too old. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    EmailsController_send: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewEmail"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcceptedEmail"];
                };
            };
        };
    };
    EmailsController_sendMany: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EmailBatch"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EmailBatchAnswer"];
                };
            };
        };
    };
    EmailsController_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CancelledEmail"];
                };
            };
            /** @description Too late; the message says what state it is in. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    EmailsController_resend: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResentEmail"];
                };
            };
            /** @description It is still on its way, or its content is no longer kept. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    EmailsController_search: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EmailSearch"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EmailPage"];
                };
            };
        };
    };
    EmailsController_find: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Email"];
                };
            };
        };
    };
    TemplatesController_list: {
        parameters: {
            query?: {
                limit?: number;
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplatePage"];
                };
            };
        };
    };
    TemplatesController_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTemplate"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoredTemplateRevision"];
                };
            };
        };
    };
    TemplatesController_show: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Template"];
                };
            };
        };
    };
    TemplatesController_history: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplateRevisions"];
                };
            };
        };
    };
    TemplatesController_add: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTemplateRevision"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoredTemplateRevision"];
                };
            };
        };
    };
    TemplatesController_revision: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                revision: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplateRevisionView"];
                };
            };
        };
    };
    TemplatesController_preview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TemplatePreviewBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplatePreview"];
                };
            };
        };
    };
    TemplatesController_publish: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TemplatePublishBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplateRevision"];
                };
            };
        };
    };
    CampaignsController_page: {
        parameters: {
            query?: {
                limit?: number;
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CampaignPage"];
                };
            };
        };
    };
    CampaignsController_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewCampaign"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Campaign"];
                };
            };
        };
    };
    CampaignsController_find: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Campaign"];
                };
            };
        };
    };
    CampaignsController_change: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CampaignChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Campaign"];
                };
            };
        };
    };
    CampaignsController_test: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CampaignTest"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CampaignTestAnswer"];
                };
            };
        };
    };
    CampaignsController_send: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Campaign"];
                };
            };
        };
    };
    CampaignsController_schedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CampaignSchedule"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Campaign"];
                };
            };
        };
    };
    CampaignsController_pause: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Campaign"];
                };
            };
        };
    };
    CampaignsController_resume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Campaign"];
                };
            };
        };
    };
    CampaignsController_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Campaign"];
                };
            };
        };
    };
    CampaignReportController_report: {
        parameters: {
            query?: {
                /** @description How many domains get a line of their own. */
                domains?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CampaignReport"];
                };
            };
        };
    };
    CampaignReportController_deliveries: {
        parameters: {
            query?: {
                limit?: number;
                /** @description The id of the last delivery of the page before. */
                after?: number;
                state?: "queued" | "sending" | "deferred" | "sent" | "failed" | "skipped" | "unknown";
                outcome?: "delivered" | "bounced" | "complained";
                /** @description The recipient's domain. */
                domain?: string;
                /** @description Any domain but these, separated by commas. */
                notDomains?: string;
                /** @description As in the report; "none": those without. */
                reason?: "none" | string;
                /** @description The first number of the reply; "none": those without. */
                replyCode?: "none" | number;
                /** @description The enhanced status of the reply; "none": those without. */
                enhanced?: "none" | string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CampaignDeliveryPage"];
                };
            };
        };
    };
    CampaignReportController_sendAgain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CampaignResend"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CampaignResendAnswer"];
                };
            };
        };
    };
    RelaysController_list: {
        parameters: {
            query?: {
                limit?: number;
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RelayPage"];
                };
            };
        };
    };
    RelaysController_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewRelay"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Relay"];
                };
            };
        };
    };
    RelaysController_find: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Relay"];
                };
            };
        };
    };
    RelaysController_disable: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Relay"];
                };
            };
        };
    };
    RelaysController_update: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RelayChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Relay"];
                };
            };
        };
    };
    DomainCapsController_list: {
        parameters: {
            query?: {
                limit?: number;
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DomainCapPage"];
                };
            };
        };
    };
    DomainCapsController_find: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DomainCap"];
                };
            };
        };
    };
    DomainCapsController_set: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DomainCapChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DomainCap"];
                };
            };
        };
    };
    DomainCapsController_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                domain: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is lifted */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    ImportsController_list: {
        parameters: {
            query?: {
                limit?: number;
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportPage"];
                };
            };
        };
    };
    ImportsController_create: {
        parameters: {
            query: {
                /** @description Slugs of lists; repeat it for several. */
                list: string | string[];
                /** @description The words that people agreed to. */
                consentText: string;
                /** @description Who says so, and where it was: "Mailchimp, form at shop.example". */
                consentSource: string;
                /** @description When, where all agreed on one day. */
                consentDate?: string;
                /** @description People confirmed by a mail to their address. Lists with double opt-in take nobody else. */
                consentConfirmed?: string;
                /** @description The name of the column; "email" and the like are found. */
                emailColumn?: string;
                nameColumn?: string;
                localeColumn?: string;
                /** @description When each person agreed. */
                agreedAtColumn?: string;
                /** @description Columns that are kept as attributes; `*` for all others. */
                attribute?: string | string[];
                /** @description Of people who are known: whether the file’s name, language and attributes win, or fill gaps only. */
                onExisting?: "update" | "keep";
                /** @description Counts, and changes nothing. */
                dryRun?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "text/csv": string;
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportAccepted"];
                };
            };
        };
    };
    ImportsController_find: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Import"];
                };
            };
        };
    };
    ImportsController_errors: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
        };
    };
    ImportsController_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Import"];
                };
            };
        };
    };
    ExportController_export: {
        parameters: {
            query?: {
                /** @description Slug of a list. */
                list?: string;
                status?: "pending" | "confirmed" | "unsubscribed";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
        };
    };
    EndpointsController_list: {
        parameters: {
            query?: {
                limit?: number;
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookEndpointPage"];
                };
            };
        };
    };
    EndpointsController_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewWebhookEndpoint"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookEndpointWithSecret"];
                };
            };
        };
    };
    EndpointsController_find: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookEndpointDetail"];
                };
            };
        };
    };
    EndpointsController_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    EndpointsController_update: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookEndpointChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookEndpoint"];
                };
            };
        };
    };
    EndpointsController_rotateSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookEndpointWithSecret"];
                };
            };
        };
    };
    AttemptsController_list: {
        parameters: {
            query?: {
                limit?: number;
                after?: string;
                /** @description Only those that were taken, or that were not. */
                delivered?: "true" | "false";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookAttemptPage"];
                };
            };
        };
    };
    AttemptsController_test: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookQueued"];
                };
            };
        };
    };
    AttemptsController_replay: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WebhookReplay"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookReplayQueued"];
                };
            };
        };
    };
    AttemptsController_replayOne: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                attemptId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookQueued"];
                };
            };
        };
    };
    KeysController_list: {
        parameters: {
            query?: {
                limit?: number;
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyPage"];
                };
            };
        };
    };
    KeysController_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewApiKey"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyWithSecret"];
                };
            };
            /** @description Beyond what this key has; the details name each field. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    KeysController_find: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyDetail"];
                };
            };
        };
    };
    KeysController_revoke: {
        parameters: {
            query?: {
                /** @description Also where no other key manages keys: from then on only the command line does. */
                last?: "true" | "false";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            /** @description It is the last one that manages keys. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    KeysController_update: {
        parameters: {
            query?: {
                /** @description Also where no other key manages keys: from then on only the command line does. */
                last?: "true" | "false";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApiKeyChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            /** @description Beyond what this key has; the details name each field. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It is revoked, or the last one that manages keys. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    MailHooksController_receive: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider: string;
            };
            cookie?: never;
        };
        /** @description What the provider posts, as it came. */
        requestBody: {
            content: {
                "application/json": {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MailHookAnswer"];
                };
            };
            /** @description It does not prove that it comes from the provider, or is too old. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Too many at once; it is to be sent again after Retry-After. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    MailEventsController_list: {
        parameters: {
            query?: {
                limit?: number;
                after?: string;
                state?: "waiting" | "done" | "failed" | "ignored";
                provider?: "ses" | "sendgrid" | "postmark" | "mailgun";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MailEventRequestPage"];
                };
            };
        };
    };
    MailEventsController_replay: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    ids: string[];
                } | {
                    /** @enum {string} */
                    state: "failed";
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MailEventReplay"];
                };
            };
        };
    };
}
