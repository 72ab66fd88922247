"""What a Vendure shop's Admin API is asked: GraphQL, every value a variable.

Names of one field each, so that what is answered lies under the name of the document's field.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    """A query or mutation with one field."""

    field: str
    text: str


_ORDER = """
id code state updatedAt createdAt orderPlacedAt currencyCode
customer { emailAddress firstName lastName phoneNumber }
shippingAddress {
  fullName company streetLine1 streetLine2 city province postalCode countryCode phoneNumber
}
shippingLines { shippingMethod { code } }
payments { id state amount refunds { id state total reason } }
lines { id quantity orderPlacedQuantity proratedUnitPriceWithTax productVariant { sku name } }
fulfillments { id state trackingCode lines { orderLineId quantity } }
"""

LOGIN = Document(
    "login",
    """
mutation Login($username: String!, $password: String!) {
  login(username: $username, password: $password) {
    __typename
    ... on CurrentUser { id }
    ... on ErrorResult { message }
  }
}""",
)

ORDERS = Document(
    "orders",
    f"""
query Orders($options: OrderListOptions!) {{
  orders(options: $options) {{
    totalItems
    items {{ {_ORDER} }}
  }}
}}""",
)

CANCELLATIONS = Document(
    "order",
    """
query Cancellations($id: ID!, $options: HistoryEntryListOptions!) {
  order(id: $id) {
    history(options: $options) { totalItems items { data } }
  }
}""",
)

FULFIL = Document(
    "addFulfillmentToOrder",
    """
mutation Fulfil($input: FulfillOrderInput!) {
  addFulfillmentToOrder(input: $input) {
    __typename
    ... on Fulfillment { id state }
    ... on ErrorResult { message }
    ... on FulfillmentStateTransitionError { transitionError }
    ... on CreateFulfillmentError { fulfillmentHandlerError }
  }
}""",
)

MOVE_PARCEL = Document(
    "transitionFulfillmentToState",
    """
mutation MoveParcel($id: ID!, $state: String!) {
  transitionFulfillmentToState(id: $id, state: $state) {
    __typename
    ... on Fulfillment { id state }
    ... on FulfillmentStateTransitionError { message transitionError fromState }
  }
}""",
)

CANCEL = Document(
    "cancelOrder",
    """
mutation Cancel($input: CancelOrderInput!) {
  cancelOrder(input: $input) {
    __typename
    ... on Order { id }
    ... on ErrorResult { message }
    ... on OrderStateTransitionError { transitionError }
  }
}""",
)

REFUND = Document(
    "refundOrder",
    """
mutation Refund($input: RefundOrderInput!) {
  refundOrder(input: $input) {
    __typename
    ... on Refund { id state }
    ... on ErrorResult { message }
    ... on OrderStateTransitionError { transitionError }
    ... on RefundStateTransitionError { transitionError }
  }
}""",
)

VARIANTS = Document(
    "productVariants",
    """
query Variants($options: ProductVariantListOptions!) {
  productVariants(options: $options) {
    totalItems
    items { id sku stockLevels { stockLocationId stockOnHand stockAllocated } }
  }
}""",
)

SET_STOCK = Document(
    "updateProductVariants",
    """
mutation SetStock($input: [UpdateProductVariantInput!]!) {
  updateProductVariants(input: $input) {
    id
    stockLevels { stockLocationId stockOnHand stockAllocated }
  }
}""",
)
