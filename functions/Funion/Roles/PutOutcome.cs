namespace Funion.Roles;

/// <summary>What became of a put.</summary>
public enum PutOutcome
{
    /// <summary>The value is stored.</summary>
    Created,

    /// <summary>Another value lies there (put-if-absent), or the version changed (replace-if-unchanged); nothing was written.</summary>
    Exists,

    /// <summary>The store takes no more; nothing was written.</summary>
    Full,
}
