namespace Funion.Roles;

/// <summary>What one process of a gateway tells the others of its loops.</summary>
/// <param name="InTime">How many came back in time.</param>
/// <param name="LastLeft">When the last of those left.</param>
/// <param name="FullFirst">When the first of the last row left of which hardly any came back in time.</param>
/// <param name="Full">When that was known.</param>
readonly record struct AdmissionNews(long InTime, DateTimeOffset LastLeft, DateTimeOffset FullFirst, DateTimeOffset Full);
