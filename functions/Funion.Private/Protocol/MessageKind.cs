namespace Funion.Private.Protocol;

/// <summary>The messages, in their order. One byte on the wire; a server's have bit 7.</summary>
enum MessageKind : byte
{
    /// <summary>Client: <see cref="Protocol.Offer"/>.</summary>
    Offer = 1,

    /// <summary>Client: the transfers' first message and the key of its encryptions.</summary>
    Keys = 2,

    /// <summary>Client: Enc(r) of one linear layer.</summary>
    Request = 3,

    /// <summary>Client: corrections of rounding.</summary>
    Corrections = 4,

    /// <summary>Client: a garbled batch.</summary>
    Batch = 5,

    /// <summary>Client: x − r.</summary>
    Input = 6,

    /// <summary>Client: labels.</summary>
    Labels = 7,

    /// <summary>Client: corrections of square pairs.</summary>
    Products = 8,

    /// <summary>Client: its share of squares, less its mask.</summary>
    Squares = 9,

    /// <summary>Client: the answer to <see cref="Line"/>.</summary>
    Seeds = 10,

    /// <summary>Server: a <see cref="ProtocolOutcome"/> and a nonce.</summary>
    Accept = 0x81,

    /// <summary>Server: the transfers' second message.</summary>
    Open = 0x82,

    /// <summary>Server: an extension of the transfers for one batch.</summary>
    Extension = 0x83,

    /// <summary>Server: W·r − P of one linear layer.</summary>
    Answer = 0x84,

    /// <summary>Server: an extension and choices for rounding.</summary>
    Choices = 0x85,

    /// <summary>Server: everything is there and kept.</summary>
    Prepared = 0x86,

    /// <summary>Server: which labels.</summary>
    Ask = 0x87,

    /// <summary>Server: its share of the output.</summary>
    Result = 0x88,

    /// <summary>Server: v − a of square pairs.</summary>
    Opened = 0x89,

    /// <summary>Server: the first message of the base transfers of a line.</summary>
    Line = 0x8a,
}
