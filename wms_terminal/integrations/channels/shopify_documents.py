"""What a Shopify shop is asked and told, in GraphQL.

A document may cost 1,000 points at most (objects 1, connections 2 and their `first` times a node),
whatever comes back: https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits. That is why
each takes a few of everything, and others go on where there is more.
"""

from __future__ import annotations

_LINE = """
fragment Line on LineItem {
  id sku name
  discountedUnitPriceAfterAllDiscountsSet { presentmentMoney { amount } }
}
"""

_PART_LINE = """
fragment PartLine on FulfillmentOrderLineItem {
  id remainingQuantity requiresShipping
  lineItem { id }
}
"""

_PART = (
    _PART_LINE
    + """
fragment Part on FulfillmentOrder {
  id status requestStatus fulfillAt
  assignedLocation { location { id } }
  deliveryMethod { methodType }
  fulfillmentHolds { displayReason reasonNotes }
  lineItems(first: 25) { nodes { ...PartLine } pageInfo { hasNextPage endCursor } }
}
"""
)

_PARCEL_LINE = """
fragment ParcelLine on FulfillmentLineItem {
  quantity
  lineItem { id }
}
"""

_PARCEL = (
    _PARCEL_LINE
    + """
fragment Parcel on Fulfillment {
  id status displayStatus
  location { id }
  trackingInfo(first: 5) { number }
}
"""
)

PARCELS = 6
"""How many of an order's parcels come with it."""

CHANGES = """
query Changes($query: String!, $after: String) {
  orders(first: 100, after: $after, query: $query, sortKey: UPDATED_AT) {
    nodes { id }
    pageInfo { hasNextPage endCursor }
  }
}
"""
"""Orders that changed, oldest change first."""

ORDER = (
    _LINE
    + _PART
    + _PARCEL
    + """
query Order($id: ID!) {
  order(id: $id) {
    id updatedAt processedAt cancelledAt cancelReason
    displayFinancialStatus fullyPaid taxesIncluded
    presentmentCurrencyCode customerLocale email phone note
    shippingAddress {
      name company address1 address2 zip city provinceCode countryCodeV2 phone
    }
    shippingLine { code }
    lineItems(first: 40) { nodes { ...Line } pageInfo { hasNextPage endCursor } }
    fulfillmentOrders(first: 5) { nodes { ...Part } pageInfo { hasNextPage endCursor } }
    fulfillments(first: 6) {
      ...Parcel
      fulfillmentLineItems(first: 25) {
        nodes { ...ParcelLine }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}
"""
)

MORE_LINES = (
    _LINE
    + """
query MoreLines($id: ID!, $after: String) {
  order(id: $id) {
    lineItems(first: 200, after: $after) {
      nodes { ...Line }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
)

MORE_PARTS = (
    _PART
    + """
query MoreParts($id: ID!, $after: String) {
  order(id: $id) {
    fulfillmentOrders(first: 10, after: $after) {
      nodes { ...Part }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
)

MORE_PART_LINES = (
    _PART_LINE
    + """
query MorePartLines($id: ID!, $after: String) {
  fulfillmentOrder(id: $id) {
    lineItems(first: 250, after: $after) {
      nodes { ...PartLine }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
)

PARCEL_IDS = """
query ParcelIds($id: ID!) {
  order(id: $id) {
    fulfillments(first: 250) { id }
  }
}
"""

PARCEL = (
    _PARCEL
    + """
query Parcel($id: ID!, $after: String) {
  fulfillment(id: $id) {
    ...Parcel
    fulfillmentLineItems(first: 250, after: $after) {
      nodes { ...ParcelLine }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
)

TAXES = """
query Taxes($id: ID!, $after: String) {
  order(id: $id) {
    lineItems(first: 50, after: $after) {
      nodes {
        id quantity
        taxLines(first: 5) { priceSet { presentmentMoney { amount } } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
"""For an order whose prices are without taxes."""

SHIP = """
mutation Ship($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) {
    fulfillment { id }
    userErrors { field message }
  }
}
"""

EVENTS = """
query Events($id: ID!) {
  fulfillment(id: $id) {
    events(first: 100, reverse: true) { nodes { status } }
  }
}
"""

DELIVER = """
mutation Deliver($event: FulfillmentEventInput!) {
  fulfillmentEventCreate(fulfillmentEvent: $event) {
    fulfillmentEvent { id }
    userErrors { field message }
  }
}
"""

LOCATION = """
query PrimaryLocation {
  location { id }
}
"""

STOCK = """
query Stock($query: String!, $location: ID!, $after: String) {
  inventoryItems(first: 100, after: $after, query: $query) {
    nodes {
      id sku tracked
      inventoryLevel(locationId: $location) {
        quantities(names: ["available"]) { name quantity }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""

SET_STOCK = """
mutation SetStock($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id }
    userErrors { field message code }
  }
}
"""

RETURNS = """
query Returns($id: ID!, $after: String) {
  order(id: $id) {
    id
    returns(first: 8, after: $after) {
      nodes {
        name status createdAt
        returnLineItems(first: 20) {
          nodes {
            ... on ReturnLineItem {
              quantity unprocessedQuantity customerNote returnReasonNote
              returnReasonDefinition { name }
              fulfillmentLineItem { lineItem { id sku } }
            }
          }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""

ANNOUNCED = """
query Announced($id: ID!) {
  order(id: $id) {
    metafield(namespace: "wms", key: "taken_back") { jsonValue compareDigest }
    returns(first: 250) { nodes { id name status } }
  }
}
"""
"""Returns of an order by name, and what we noted about those that came."""

RETURN = """
query Return($id: ID!) {
  return(id: $id) {
    returnLineItems(first: 100) {
      nodes {
        ... on ReturnLineItem {
          id processedQuantity unprocessedQuantity
          fulfillmentLineItem { id lineItem { id } }
        }
      }
      pageInfo { hasNextPage }
    }
    reverseFulfillmentOrders(first: 4) {
      nodes {
        lineItems(first: 50) {
          nodes { id fulfillmentLineItem { id } }
          pageInfo { hasNextPage }
        }
      }
      pageInfo { hasNextPage }
    }
  }
}
"""

REMEMBER = """
mutation Remember($metafields: [MetafieldsSetInput!]!) {
  metafieldsSet(metafields: $metafields) {
    metafields { id }
    userErrors { field message code }
  }
}
"""

TAKE_BACK = """
mutation TakeBack($input: ReturnProcessInput!) {
  returnProcess(input: $input) {
    return { id status }
    userErrors { field message code }
  }
}
"""

MONEY = """
query Money($id: ID!) {
  order(id: $id) {
    id presentmentCurrencyCode
    refunds(first: 100) { id note }
    transactions(first: 100) {
      id kind status gateway
      amountSet { presentmentMoney { amount } }
      parentTransaction { id }
    }
  }
}
"""

REFUND = """
mutation Refund($input: RefundInput!, $key: String!) {
  refundCreate(input: $input) @idempotent(key: $key) {
    refund { id }
    userErrors { field message }
  }
}
"""

ALL = (
    *(CHANGES, ORDER, MORE_LINES, MORE_PARTS, MORE_PART_LINES, PARCEL_IDS, PARCEL, TAXES, SHIP),
    *(EVENTS, DELIVER, LOCATION, STOCK, SET_STOCK, RETURNS, ANNOUNCED, RETURN, REMEMBER),
    *(TAKE_BACK, MONEY, REFUND),
)
"""For whoever checks them against a schema."""
