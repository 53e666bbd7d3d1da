namespace Funion.Interop;

/// <summary>rsa.h</summary>
static partial class Libcrypto
{
    internal const int RSA_NO_PADDING = 3;

    /// <summary>EVP_PKEY_CTX_set_rsa_padding is a macro over this control before 3.0, and does the same after.</summary>
    internal const int EVP_PKEY_CTRL_RSA_PADDING = 0x1001;
}
