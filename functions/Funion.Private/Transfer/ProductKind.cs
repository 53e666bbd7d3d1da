namespace Funion.Private.Transfer;

/// <summary>What products are made for: two kinds have no hash in common, even under one number.</summary>
enum ProductKind : byte
{
    /// <summary>Products by themselves.</summary>
    Product = 0,

    /// <summary><see cref="SquarePairs"/>.</summary>
    SquarePair = 1,

    /// <summary><see cref="Triples"/>.</summary>
    Triple = 2,
}
