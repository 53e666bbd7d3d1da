namespace Funion.Inference;

/// <summary>Element types, as the Open Inference Protocol v2 names them. The number is the code on the wire.</summary>
public enum Datatype : byte
{
    /// <summary>One byte, 0 or 1.</summary>
    Bool = 1,

    /// <summary>Unsigned, 1 byte.</summary>
    UInt8 = 2,

    /// <summary>Unsigned, 2 bytes.</summary>
    UInt16 = 3,

    /// <summary>Unsigned, 4 bytes.</summary>
    UInt32 = 4,

    /// <summary>Unsigned, 8 bytes.</summary>
    UInt64 = 5,

    /// <summary>Signed, 1 byte.</summary>
    Int8 = 6,

    /// <summary>Signed, 2 bytes.</summary>
    Int16 = 7,

    /// <summary>Signed, 4 bytes.</summary>
    Int32 = 8,

    /// <summary>Signed, 8 bytes.</summary>
    Int64 = 9,

    /// <summary>IEEE 754, 2 bytes.</summary>
    FP16 = 10,

    /// <summary>IEEE 754, 4 bytes.</summary>
    FP32 = 11,

    /// <summary>IEEE 754, 8 bytes.</summary>
    FP64 = 12,
}
