namespace Funion.Private.Protocol;

/// <summary>Which oblivious transfer carries the labels; the number is the depth of its trees of seeds.</summary>
public enum TransferKind
{
    /// <summary>IKNP: least computation.</summary>
    Iknp = 1,

    /// <summary>SoftSpoken, k = 4: a quarter of the bytes.</summary>
    SoftSpoken = 4,
}
