// Made from templates/ by `npm run sdk`; a test fails when it is stale.

/** The variables of each built-in template. */
export interface TemplateVariables {
  'address-changed': {
    newAddress: string;
  };
  'alert': {
    alerts: {
      kind?: string | null;
      at: string;
      order?: string | null;
      mail?: string | null;
      subject?: string | null;
      emailId: string;
      state?: string | null;
      said?: string | null;
      advice?: string | null;
      name: string;
      endpointId: string;
      url?: string | null;
      reason?: string | null;
      host: string;
      path: string;
      free: string;
    }[];
    total: number;
    others?: number | null;
    timezone?: string | null;
  };
  'already-subscribed': {
    lists: {
      name: string;
      description?: string | null;
    }[];
  };
  'change-address': {
    confirmUrl: string;
    expiresInMinutes: number;
  };
  'confirm-reminder': {
    confirmUrl: string;
    lists: {
      name: string;
      description?: string | null;
    }[];
  };
  'confirm-subscription': {
    confirmUrl: string;
    lists: {
      name: string;
      description?: string | null;
    }[];
    expiresInDays: number;
  };
  'fresh-link': {
    manageUrl: string;
    expiresInMinutes: number;
  };
  'order-backordered': {
    order: {
      number: string;
      currency: string;
      total: string;
      items: {
        name: string;
        description?: string | null;
        quantity: number;
        unitPrice?: string | null;
        total?: string | null;
        sku?: string | null;
        imageUrl?: string | null;
        url?: string | null;
      }[];
      url?: string | null;
      placedAt?: string | null;
    };
    customer?: {
      name?: string | null;
    } | null;
    backorder?: {
      expectedAt?: string | null;
      cancelUrl?: string | null;
      items?: {
        name: string;
        quantity: number;
        imageUrl?: string | null;
      }[] | null;
    } | null;
  };
  'order-cancelled': {
    order: {
      number: string;
      currency: string;
      total: string;
      items: {
        name: string;
        description?: string | null;
        quantity: number;
        unitPrice?: string | null;
        total?: string | null;
        sku?: string | null;
        imageUrl?: string | null;
        url?: string | null;
      }[];
      subtotal?: string | null;
      shipping?: string | null;
      tax?: string | null;
      discount?: string | null;
      url?: string | null;
      placedAt?: string | null;
      fees?: string | null;
    };
    customer?: {
      name?: string | null;
    } | null;
    cancellation?: {
      reason?: string | null;
      refund?: string | null;
    } | null;
  };
  'order-delivered': {
    order: {
      number: string;
      items: {
        name: string;
        description?: string | null;
        quantity: number;
        unitPrice?: string | null;
        total?: string | null;
        sku?: string | null;
        imageUrl?: string | null;
        url?: string | null;
      }[];
      url?: string | null;
      shippingAddress?: string[] | null;
    };
    customer?: {
      name?: string | null;
    } | null;
    shipment?: {
      carrier?: string | null;
      deliveredAt?: string | null;
      leftAt?: string | null;
      trackingNumber?: string | null;
      trackingUrl?: string | null;
      estimatedDelivery?: string | null;
      items?: {
        name: string;
        quantity: number;
        imageUrl?: string | null;
      }[] | null;
    } | null;
  };
  'order-fulfilled': {
    order: {
      number: string;
      currency: string;
      total: string;
      items: {
        name: string;
        description?: string | null;
        quantity: number;
        unitPrice?: string | null;
        total?: string | null;
        sku?: string | null;
        imageUrl?: string | null;
        url?: string | null;
      }[];
      url?: string | null;
      placedAt?: string | null;
    };
    customer?: {
      name?: string | null;
    } | null;
    fulfilment: {
      instructions?: string | null;
      licences: {
        name: string;
        key: string;
      }[];
      downloads: {
        name: string;
        url: string;
        size?: string | null;
        expiresAt?: string | null;
      }[];
    };
  };
  'order-on-hold': {
    order: {
      number: string;
      currency: string;
      total: string;
      items: {
        name: string;
        description?: string | null;
        quantity: number;
        unitPrice?: string | null;
        total?: string | null;
        sku?: string | null;
        imageUrl?: string | null;
        url?: string | null;
      }[];
      url?: string | null;
      placedAt?: string | null;
    };
    customer?: {
      name?: string | null;
    } | null;
    hold?: {
      reason?: string | null;
      actionUrl?: string | null;
      until?: string | null;
    } | null;
  };
  'order-out-for-delivery': {
    order: {
      number: string;
      items: {
        name: string;
        description?: string | null;
        quantity: number;
        unitPrice?: string | null;
        total?: string | null;
        sku?: string | null;
        imageUrl?: string | null;
        url?: string | null;
      }[];
      url?: string | null;
      shippingAddress?: string[] | null;
    };
    customer?: {
      name?: string | null;
    } | null;
    shipment?: {
      carrier?: string | null;
      trackingNumber?: string | null;
      trackingUrl?: string | null;
      estimatedDelivery?: string | null;
      items?: {
        name: string;
        quantity: number;
        imageUrl?: string | null;
      }[] | null;
    } | null;
  };
  'order-paid': {
    order: {
      number: string;
      currency: string;
      total: string;
      items: {
        name: string;
        description?: string | null;
        quantity: number;
        unitPrice?: string | null;
        total?: string | null;
        sku?: string | null;
        imageUrl?: string | null;
        url?: string | null;
      }[];
      subtotal?: string | null;
      shipping?: string | null;
      tax?: string | null;
      discount?: string | null;
      url?: string | null;
      placedAt?: string | null;
      shippingAddress?: string[] | null;
      billingAddress?: string[] | null;
      fees?: string | null;
    };
    customer?: {
      name?: string | null;
    } | null;
    payment: {
      amount: string;
      method?: string | null;
      receiptUrl?: string | null;
    };
    invoice?: {
      filename?: string | null;
    } | null;
  };
  'order-partially-refunded': {
    order: {
      number: string;
      currency: string;
      total: string;
      items: {
        name: string;
        description?: string | null;
        quantity: number;
        unitPrice?: string | null;
        total?: string | null;
        sku?: string | null;
        imageUrl?: string | null;
        url?: string | null;
      }[];
      url?: string | null;
      placedAt?: string | null;
    };
    customer?: {
      name?: string | null;
    } | null;
    refund: {
      amount: string;
      method?: string | null;
      arrivesBy?: string | null;
      reason?: string | null;
      items?: {
        name: string;
        quantity: number;
        imageUrl?: string | null;
      }[] | null;
    };
  };
  'order-partially-shipped': {
    order: {
      number: string;
      items: {
        name: string;
        description?: string | null;
        quantity: number;
        unitPrice?: string | null;
        total?: string | null;
        sku?: string | null;
        imageUrl?: string | null;
        url?: string | null;
      }[];
      url?: string | null;
      shippingAddress?: string[] | null;
    };
    customer?: {
      name?: string | null;
    } | null;
    shipment?: {
      carrier?: string | null;
      trackingNumber?: string | null;
      trackingUrl?: string | null;
      estimatedDelivery?: string | null;
      items?: {
        name: string;
        quantity: number;
        imageUrl?: string | null;
      }[] | null;
    } | null;
  };
  'order-payment-failed': {
    order: {
      number: string;
      currency: string;
      total: string;
      items: {
        name: string;
        description?: string | null;
        quantity: number;
        unitPrice?: string | null;
        total?: string | null;
        sku?: string | null;
        imageUrl?: string | null;
        url?: string | null;
      }[];
      subtotal?: string | null;
      shipping?: string | null;
      tax?: string | null;
      discount?: string | null;
      url?: string | null;
      placedAt?: string | null;
      fees?: string | null;
    };
    customer?: {
      name?: string | null;
    } | null;
    payment?: {
      amount?: string | null;
      method?: string | null;
      reason?: string | null;
      retryUrl?: string | null;
    } | null;
  };
  'order-placed': {
    order: {
      number: string;
      currency: string;
      total: string;
      items: {
        name: string;
        description?: string | null;
        quantity: number;
        unitPrice?: string | null;
        total?: string | null;
        sku?: string | null;
        imageUrl?: string | null;
        url?: string | null;
      }[];
      subtotal?: string | null;
      shipping?: string | null;
      tax?: string | null;
      discount?: string | null;
      url?: string | null;
      placedAt: string;
      shippingAddress?: string[] | null;
      billingAddress?: string[] | null;
      note?: string | null;
      fees?: string | null;
    };
    customer?: {
      name?: string | null;
    } | null;
    invoice?: {
      filename?: string | null;
    } | null;
  };
  'order-processing': {
    order: {
      number: string;
      currency: string;
      total: string;
      items: {
        name: string;
        description?: string | null;
        quantity: number;
        unitPrice?: string | null;
        total?: string | null;
        sku?: string | null;
        imageUrl?: string | null;
        url?: string | null;
      }[];
      url?: string | null;
      placedAt?: string | null;
      shippingAddress?: string[] | null;
    };
    customer?: {
      name?: string | null;
    } | null;
  };
  'order-refunded': {
    order: {
      number: string;
      currency: string;
      total: string;
      items: {
        name: string;
        description?: string | null;
        quantity: number;
        unitPrice?: string | null;
        total?: string | null;
        sku?: string | null;
        imageUrl?: string | null;
        url?: string | null;
      }[];
      url?: string | null;
      placedAt?: string | null;
    };
    customer?: {
      name?: string | null;
    } | null;
    refund: {
      amount: string;
      method?: string | null;
      arrivesBy?: string | null;
      reason?: string | null;
      items?: {
        name: string;
        quantity: number;
        imageUrl?: string | null;
      }[] | null;
    };
    invoice?: {
      filename?: string | null;
    } | null;
  };
  'order-shipped': {
    order: {
      number: string;
      items: {
        name: string;
        description?: string | null;
        quantity: number;
        unitPrice?: string | null;
        total?: string | null;
        sku?: string | null;
        imageUrl?: string | null;
        url?: string | null;
      }[];
      url?: string | null;
      shippingAddress?: string[] | null;
    };
    customer?: {
      name?: string | null;
    } | null;
    shipment?: {
      carrier?: string | null;
      trackingNumber?: string | null;
      trackingUrl?: string | null;
      estimatedDelivery?: string | null;
      items?: {
        name: string;
        quantity: number;
        imageUrl?: string | null;
      }[] | null;
    } | null;
    invoice?: {
      filename?: string | null;
    } | null;
  };
  'welcome': {
    lists: {
      name: string;
      description?: string | null;
    }[];
  };
}
