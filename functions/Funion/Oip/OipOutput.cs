namespace Funion.Oip;

/// <summary>An output that the caller asks for.</summary>
/// <param name="Name">As the model names it.</param>
/// <param name="Binary">Behind the JSON instead of in it.</param>
public sealed record OipOutput(string Name, bool Binary);
