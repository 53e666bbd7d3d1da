using System.Runtime.Intrinsics;

namespace Funion.Cryptography;

/// <summary>How a mode numbers its keystream blocks. A struct, so that each mode gets its own compiled loop.</summary>
interface IAesCounter
{
    /// <summary>The input of the block cipher for keystream block <paramref name="index"/>, from 0.</summary>
    Vector128<byte> Block(uint index);
}
